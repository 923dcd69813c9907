// Calendar windows in named time zones: against the database's own reckoning, and on the days on
// which clocks do odd things.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachStore } from '../../../test/support/stores.ts';
import { dynamicStatement, isoTime } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { calendarSpan } from './measure-calendar.ts';

const zones = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Beirut',
  'Africa/Cairo',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kiritimati',
];
const unit = fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const);

eachStore('calendar windows', (open) => {
  let opening: Promise<Store> | undefined;

  // The database is asked about every moment that matters: a unit's first and last millisecond and
  // those beside them. Asking it for the beginning itself would not do: where clocks show midnight
  // twice, it takes the second.
  const question = dynamicStatement(
    'test.calendar',
    `SELECT extract(epoch FROM date_trunc($1, t.at AT TIME ZONE $2)) * 1000 AS wall
     FROM unnest($3::timestamptz[]) WITH ORDINALITY AS t(at, place) ORDER BY place`,
  );

  it('begin and end where the database sees another unit begin', async () => {
    const store = await (opening ??= open());
    await fc.assert(
      fc.asyncProperty(
        unit,
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2024, 0) }),
        async (kind, zone, at) => {
          const { beginsAt, endsAt } = calendarSpan(kind, zone, at);
          const moments = [beginsAt - 1, beginsAt, at, endsAt - 1, endsAt].map(isoTime);
          const rows = await store.query<{ wall: string }>('background', question, [
            kind,
            zone,
            moments,
          ]);
          const [before = 0, first = 0, now = 0, last = 0, next = 0] = rows.map(({ wall }) =>
            Number(wall),
          );
          expect(beginsAt).toBeLessThanOrEqual(at);
          expect(endsAt).toBeGreaterThan(at);
          expect(before).toBeLessThan(first);
          expect(next).toBeGreaterThan(last);
          // Between a set-back over midnight and that midnight the wall shows the day before.
          expect([first, last]).toContain(now);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('days on which clocks do odd things', () => {
  const at = (text: string): number => Date.parse(text);
  const span = (zone: string, time: string): [string, string] => {
    const { beginsAt, endsAt } = calendarSpan('day', zone, at(time));
    return [isoTime(beginsAt), isoTime(endsAt)];
  };

  it('a day of 23 hours in spring and of 25 in autumn', () => {
    expect(span('Europe/Berlin', '2024-03-31T12:00:00Z')).toEqual([
      '2024-03-30T23:00:00.000Z',
      '2024-03-31T22:00:00.000Z',
    ]);
    expect(span('Europe/Berlin', '2024-10-27T12:00:00Z')).toEqual([
      '2024-10-26T22:00:00.000Z',
      '2024-10-27T23:00:00.000Z',
    ]);
  });

  it('a midnight that does not exist: the day begins where clocks jump', () => {
    expect(span('America/Sao_Paulo', '2018-11-04T12:00:00Z')[0]).toBe('2018-11-04T03:00:00.000Z');
  });

  it('a midnight that comes twice: the day begins with the first', () => {
    expect(span('America/Havana', '2023-11-05T04:30:00Z')[0]).toBe('2023-11-05T04:00:00.000Z');
    expect(span('America/Havana', '2023-11-05T12:00:00Z')[0]).toBe('2023-11-05T04:00:00.000Z');
  });

  it('clocks set back over midnight: a day that has begun stays begun', () => {
    // St. John's went from 00:01 back to 23:01 until 2011.
    const begun = span('America/St_Johns', '2010-11-07T02:30:30Z');
    expect(begun[0]).toBe('2010-11-07T02:30:00.000Z');
    expect(span('America/St_Johns', '2010-11-07T03:00:00Z')).toEqual(begun);
    expect(span('America/St_Johns', '2010-11-07T12:00:00Z')).toEqual(begun);
  });

  it('a day that was left out: the next begins in its place', () => {
    expect(span('Pacific/Apia', '2011-12-30T09:59:00Z')[1]).toBe('2011-12-30T10:00:00.000Z');
    expect(span('Pacific/Apia', '2011-12-30T10:00:00Z')).toEqual([
      '2011-12-30T10:00:00.000Z',
      '2011-12-31T10:00:00.000Z',
    ]);
  });

  it('a week begins on Monday', () => {
    const { beginsAt, endsAt } = calendarSpan('week', 'Europe/Berlin', at('2024-03-31T12:00:00Z'));
    expect(isoTime(beginsAt)).toBe('2024-03-24T23:00:00.000Z');
    expect(isoTime(endsAt)).toBe('2024-03-31T22:00:00.000Z');
  });
});
