// PostgreSQL's text form of a time (ISO style, session in UTC) → milliseconds since 1970, floored
// to the millisecond. Hand-written because it runs for each time of each row that is read.
import { StoreError } from './errors.ts';

const general =
  /^(\d{4,6})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d)(?::(\d\d)(?::(\d\d))?)?)?( BC)?$/;

export function parseTimestamp(text: string): number {
  if (isPlain(text)) return plainTime(text);
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '-infinity') return Number.NEGATIVE_INFINITY;
  return generalTime(text);
}

/** `2024-05-06 07:08:09[.123456]+00`, a year of four digits from 0100 on. */
function isPlain(text: string): boolean {
  const { length } = text;
  return (
    length >= 22 &&
    length <= 29 &&
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(10) === 32 &&
    text.endsWith('+00') &&
    !text.startsWith('00') &&
    (length === 22 || text.charCodeAt(19) === 46)
  );
}

function plainTime(text: string): number {
  const milliseconds =
    text.length === 22 ? 0 : Number(text.slice(20, -3).slice(0, 3).padEnd(3, '0'));
  return Date.UTC(
    twoDigits(text, 0) * 100 + twoDigits(text, 2),
    twoDigits(text, 5) - 1,
    twoDigits(text, 8),
    twoDigits(text, 11),
    twoDigits(text, 14),
    twoDigits(text, 17),
    milliseconds,
  );
}

function twoDigits(text: string, at: number): number {
  return text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528;
}

function generalTime(text: string): number {
  const match = general.exec(text);
  if (match === null) throw unreadable();
  const part = (index: number): number => Number(match[index] ?? 0);
  const year = match[12] === undefined ? part(1) : 1 - part(1);
  const date = new Date(0);
  date.setUTCFullYear(year, part(2) - 1, part(3));
  date.setUTCHours(part(4), part(5), part(6), Number((match[7] ?? '').slice(0, 3).padEnd(3, '0')));
  const offset = (part(9) * 3_600 + part(10) * 60 + part(11)) * 1_000;
  const milliseconds = date.getTime() - (match[8] === '-' ? -offset : offset);
  if (!Number.isFinite(milliseconds)) throw unreadable();
  return milliseconds;
}

function unreadable(): StoreError {
  return new StoreError(
    'STORE_VALUE_INVALID',
    'a time in a result: found a form or a year that JavaScript cannot hold, expected ISO style within ±271821 years. Set DateStyle to ISO, or mend the row.',
  );
}
