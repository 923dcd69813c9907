// Bounds on what comes from outside, without writing it out first: an event may be hostile in size,
// in depth, or in text that the store cannot hold.

/** Where measuring stops. Both bounds are inclusive: exactly so much still fits. */
export interface JsonBounds {
  readonly maxDepth: number;
  /** Of the value's JSON in UTF-8, without white space. */
  readonly maxBytes: number;
}

/** The size in bytes and the depth in levels, or the first bound that was passed. */
export type JsonMeasure =
  | { readonly ok: true; readonly bytes: number; readonly depth: number }
  | { readonly ok: false; readonly reason: 'too_deep' | 'too_large' | 'not_json' };

/**
 * The size and depth of a value's JSON, the same size as `JSON.stringify` would write. Stops at the
 * first bound that is passed. `not_json`: something JSON has no word for (a function, NaN, a Date).
 * A text or number has depth 0, `{}` and `[]` have 1.
 */
export function measureJson(value: unknown, bounds: JsonBounds): JsonMeasure {
  const meter: Meter = { bounds, bytes: 0, depth: 0, reason: undefined };
  measure(meter, value, 0);
  const { reason, bytes, depth } = meter;
  return reason === undefined ? { ok: true, bytes, depth } : { ok: false, reason };
}

interface Meter {
  readonly bounds: JsonBounds;
  bytes: number;
  depth: number;
  reason: 'too_deep' | 'too_large' | 'not_json' | undefined;
}

function measure(meter: Meter, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      add(meter, textBytes(value));
      break;
    case 'number':
      if (!Number.isFinite(value)) meter.reason = 'not_json';
      add(meter, String(value === 0 ? 0 : value).length);
      break;
    case 'boolean':
      add(meter, value ? 4 : 5);
      break;
    case 'object':
      if (value === null) add(meter, 4);
      else measureContainer(meter, value, depth + 1);
      break;
    default:
      meter.reason = 'not_json';
  }
}

function measureContainer(meter: Meter, value: object, depth: number): void {
  meter.depth = Math.max(meter.depth, depth);
  if (depth > meter.bounds.maxDepth) meter.reason = 'too_deep';
  else if (Array.isArray(value)) measureArray(meter, value, depth);
  else if (isPlain(value)) measureObject(meter, value, depth);
  else meter.reason = 'not_json';
}

function measureArray(meter: Meter, values: readonly unknown[], depth: number): void {
  add(meter, 2 + Math.max(0, values.length - 1));
  for (const value of values) {
    if (meter.reason !== undefined) return;
    measure(meter, value, depth);
  }
}

function measureObject(meter: Meter, value: object, depth: number): void {
  let members = 0;
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    members += 1;
    add(meter, textBytes(key) + 1);
    if (meter.reason !== undefined) return;
    measure(meter, member, depth);
  }
  add(meter, 2 + Math.max(0, members - 1));
}

function add(meter: Meter, bytes: number): void {
  meter.bytes += bytes;
  if (meter.bytes > meter.bounds.maxBytes) meter.reason ??= 'too_large';
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const escaped = /["\\\p{Cc}\p{Surrogate}]/u;

function textBytes(text: string): number {
  return (
    Buffer.byteLength(escaped.test(text) ? JSON.stringify(text) : text) +
    (escaped.test(text) ? 0 : 2)
  );
}

/** A text that PostgreSQL refuses, and where it is. */
export interface UnstorableText {
  /** JSON pointer to the text, or to the member whose name it is. */
  readonly path: string;
  readonly problem: 'nul' | 'lone_surrogate';
}

/**
 * The first text, or name of a member, that PostgreSQL cannot hold: with U+0000, or half a surrogate
 * pair. Undefined where all can be stored.
 */
export function findUnstorableText(value: unknown): UnstorableText | undefined {
  return findIn(value, [], 0);
}

const deepestSearch = 256;
const longestName = 100;

function findIn(value: unknown, path: string[], depth: number): UnstorableText | undefined {
  if (typeof value === 'string') return judgeText(value, path);
  if (typeof value !== 'object' || value === null || depth > deepestSearch) return undefined;
  for (const [key, member] of Object.entries(value)) {
    path.push(key);
    const found = judgeText(key, path) ?? findIn(member, path, depth + 1);
    if (found !== undefined) return found;
    path.pop();
  }
  return undefined;
}

function judgeText(text: string, path: readonly string[]): UnstorableText | undefined {
  const nul = text.includes('\0');
  if (!nul && text.isWellFormed()) return undefined;
  return { path: pointer(path), problem: nul ? 'nul' : 'lone_surrogate' };
}

// The pointer goes into messages and rows itself, so it is made storable and short.
function pointer(path: readonly string[]): string {
  return path
    .map((part) => part.slice(0, longestName).toWellFormed().replaceAll('\0', '\u{fffd}'))
    .map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
