// Days, weeks, months and years of a named time zone as spans of exact time. A unit begins at the
// first moment at which the zone's clocks show its first midnight or later, and having begun it is
// never un-begun: clocks that are set back over midnight, skip midnight or skip a day leave no gap.
import type { Window } from './measure.ts';

export type CalendarUnit = Extract<Window, { kind: 'calendar' }>['unit'];

export interface CalendarSpan {
  /** Inclusive. */
  readonly beginsAt: number;
  /** Exclusive: the beginning of the next unit. */
  readonly endsAt: number;
}

const hourMs = 3_600_000;
/** No zone has changed its clocks twice in so short a time. */
const strideMs = 4 * hourMs;
/** No zone is or was further from UTC. */
const widestOffsetMs = 16 * hourMs;

/** The unit that `at` lies in. */
export function calendarSpan(unit: CalendarUnit, timeZone: string, at: number): CalendarSpan {
  const key = `${unit} ${timeZone}`;
  const last = lastSpans.get(key);
  if (last !== undefined && last.beginsAt <= at && at < last.endsAt) return last;
  const span = findSpan(unit, timeZone, at);
  lastSpans.set(key, span);
  return span;
}

/** Clocks move on slowly: the answer is nearly always the last one. As many as windows in config. */
const lastSpans = new Map<string, CalendarSpan>();

function findSpan(unit: CalendarUnit, timeZone: string, at: number): CalendarSpan {
  let wall = floorToUnit(at + offsetAt(timeZone, at), unit);
  let beginsAt = firstMomentShowing(wall, timeZone);
  for (;;) {
    wall = nextUnit(wall, unit);
    const endsAt = firstMomentShowing(wall, timeZone);
    if (endsAt > at) return { beginsAt, endsAt };
    beginsAt = endsAt; // clocks were set back over the beginning of this unit
  }
}

/** Wall-clock times are held as if they were UTC. */
function floorToUnit(wall: number, unit: CalendarUnit): number {
  const date = new Date(wall);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (unit) {
    case 'day':
      return Date.UTC(year, month, day);
    case 'week':
      return Date.UTC(year, month, day - ((date.getUTCDay() + 6) % 7));
    case 'month':
      return Date.UTC(year, month, 1);
    case 'year':
      return Date.UTC(year, 0, 1);
  }
}

function nextUnit(wall: number, unit: CalendarUnit): number {
  const date = new Date(wall);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (unit) {
    case 'day':
      return Date.UTC(year, month, day + 1);
    case 'week':
      return Date.UTC(year, month, day + 7);
    case 'month':
      return Date.UTC(year, month + 1, 1);
    case 'year':
      return Date.UTC(year + 1, 0, 1);
  }
}

/** The earliest moment at which the zone's clocks show `wall` or later. */
function firstMomentShowing(wall: number, timeZone: string): number {
  let from = wall - widestOffsetMs;
  let offset = offsetAt(timeZone, from);
  for (; from < wall + widestOffsetMs;) {
    const until = from + strideMs;
    const nextOffset = offsetAt(timeZone, until);
    const change = nextOffset === offset ? until : offsetChange(timeZone, from, until, offset);
    const shown = Math.max(from, wall - offset);
    if (shown < change) return shown;
    if (change + offsetAt(timeZone, change) >= wall) return change;
    from = change;
    offset = offsetAt(timeZone, change);
  }
  return from;
}

/** The moment in (from, until] at which the zone leaves `offset`. */
function offsetChange(timeZone: string, from: number, until: number, offset: number): number {
  let [before, after] = [from, until];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(timeZone, middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

/** What the zone's clocks are ahead of UTC, in milliseconds. */
function offsetAt(timeZone: string, at: number): number {
  const parts = new Map<string, number>();
  for (const part of clockOf(timeZone).formatToParts(at)) parts.set(part.type, Number(part.value));
  const part = (type: string): number => parts.get(type) ?? 0;
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return wall - Math.floor(at / 1_000) * 1_000;
}

/** Making one takes longer than using it a hundred times; there are as many as zones in config. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(timeZone, clock);
  return clock;
}
