// Times come as ISO 8601 in all its spellings and as numbers; facts are kept in milliseconds. What
// cannot be a time of a customer's doing (year 1, year 20000) is no time at all.

/** Years outside of these are a mistake of a clock, not a time. */
export interface TimeBounds {
  /** Earliest year that counts. Default 1970. */
  readonly minYear?: number;
  /** Last year that counts. Default 2100. */
  readonly maxYear?: number;
}

// RFC 3339, what `toISOString` writes.
const strictForm =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;
// The spellings of ISO 8601 and of databases: basic or extended, a space for the T, no seconds, a
// comma, a short offset or none.
const tolerantForm =
  /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)? ?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/;
const numberForm = /^-?\d{1,16}(\.\d{1,9})?$/;
// Numbers below are seconds, from here on milliseconds: as seconds this is the year 5138, as
// milliseconds it is March 1973.
const firstMilliseconds = 1e11;

/** Milliseconds since 1970 of an RFC 3339 time; undefined for any other text. */
export function parseIsoTime(text: string, bounds: TimeBounds = {}): number | undefined {
  return bounded(fromParts(strictForm.exec(text)), bounds);
}

/**
 * Milliseconds since 1970 from whatever a source sent: ISO 8601 in its usual spellings (UTC where no
 * offset is given, midnight where no time is), seconds or milliseconds since 1970 as number or digits, a
 * `Date`. Parts of a millisecond are dropped. Undefined for anything else or out of bounds.
 */
export function normaliseTime(value: unknown, bounds: TimeBounds = {}): number | undefined {
  if (value instanceof Date) return bounded(value.getTime(), bounds);
  if (typeof value === 'number') return bounded(fromNumber(value), bounds);
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const text = value.trim().toUpperCase();
  // Eight digits are a date in basic form, other numbers count from 1970.
  const basicDate = /^\d{8}$/.test(text)
    ? bounded(fromParts(tolerantForm.exec(text)), bounds)
    : undefined;
  if (basicDate !== undefined) return basicDate;
  if (numberForm.test(text)) return bounded(fromNumber(Number(text)), bounds);
  return bounded(fromParts(tolerantForm.exec(text)), bounds);
}

function fromNumber(value: number): number {
  return Math.floor(Math.abs(value) < firstMilliseconds ? value * 1_000 : value);
}

function bounded(time: number | undefined, bounds: TimeBounds): number | undefined {
  if (time === undefined || !Number.isFinite(time)) return undefined;
  const year = new Date(time).getUTCFullYear();
  return year >= (bounds.minYear ?? 1970) && year <= (bounds.maxYear ?? 2100) ? time : undefined;
}

function fromParts(parts: RegExpExecArray | null): number | undefined {
  if (parts === null) return undefined;
  const part = (index: number): number => Number(parts[index] ?? 0);
  const [year, month, day, hour, minute] = [part(1), part(2), part(3), part(4), part(5)];
  // A leap second has no place of its own in the count from 1970; it is the end of its minute.
  const leap = part(6) === 60;
  const second = leap ? 59 : part(6);
  const millisecond = leap ? 999 : Math.trunc(Number(`0.${parts[7] ?? '0'}`) * 1_000 + 1e-6);
  const offset = offsetOf(parts[8]);
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDay || hour > 23 || minute > 59 || second > 59 || offset === undefined) return undefined;
  return midnight + ((hour * 60 + minute - offset) * 60 + second) * 1_000 + millisecond;
}

/** Minutes east of Greenwich. */
function offsetOf(text: string | undefined): number | undefined {
  if (text === undefined || text === 'Z' || text === 'UTC') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
