// Which text counts as a time in traits and properties, for JavaScript and SQL alike: one regular
// expression that both engines read the same way, so that neither ever guesses.

/**
 * Gregorian date (years 0001–9999, real days only), `T`, hours and minutes, seconds and up to nine
 * fractional digits if given, and a zone: `Z` or an offset up to ±14:59. Upper case. Digits past
 * the millisecond are cut off.
 */
export const timePattern: string = [
  '^(?!0000)(?:[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])',
  '|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)',
  '|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)',
  'T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\\.[0-9]{1,9})?)?',
  '(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])$',
].join('');

const time = new RegExp(timePattern);
const digitsPastMilliseconds = /(\.[0-9]{3})[0-9]+/;

/** Milliseconds since 1970, or undefined for anything but a text of the accepted form. */
export function readTime(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length < 17 || !time.test(value)) return undefined;
  return Date.parse(value.length > 24 ? value.replace(digitsPastMilliseconds, '$1') : value);
}
