// Ids arrive as numbers too, and beyond 2^53 JSON gives neighbours the same number: two people would become one.

/** The number as text; undefined where it may stand for another number than was sent. */
export function textOfNumber(value: number): string | undefined {
  const isExact =
    Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
  return isExact ? String(value) : undefined;
}
