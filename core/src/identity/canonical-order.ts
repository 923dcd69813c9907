// One order of texts for every tie: that of their UTF-8 bytes, which is the order of code points.
// JavaScript's own `<` compares UTF-16 units and places astral characters differently.

export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Surrogates stand for code points beyond all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

interface Named {
  readonly namespace: string;
  readonly value: string;
}

export function compareNamed(left: Named, right: Named): number {
  return compareText(left.namespace, right.namespace) || compareText(left.value, right.value);
}
