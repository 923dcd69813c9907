// JSON as it was written: an integer beyond 2^53 would come out as another one, so that two orders had one id
// and the second was dropped as a repetition. A number beyond all that a computer holds would come out as infinity and
// be written as null, which deletes a trait. Both are kept as the text that they came as.
import type { JsonValue } from './json.ts';

/**
 * So many digits in a row, not behind a decimal point: only then can an integer be that large. Or an exponent of
 * three digits: only then, or with as many digits, is a number beyond all.
 */
const mayBeLarge = /(?<![\d.])\d{16}|\d[eE]\+?\d{3}/;

/** What the parser adds for a number: the text that it was read from. */
interface Origin {
  readonly source?: string;
}

/** Integers beyond ±(2^53 − 1), and numbers beyond ±1.8e308, become texts. Of two members with one name the last counts. Throws SyntaxError. */
export function parseJson(text: string): JsonValue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JSON.parse gives is JSON
  return (mayBeLarge.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)) as JsonValue;
}

function keepDigits(_key: string, value: unknown, origin?: Origin): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const { source = '' } = origin ?? {};
  return /^-?\d+$/.test(source) || !Number.isFinite(value) ? source : value;
}
