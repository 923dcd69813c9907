import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseTime, parseIsoTime } from './normalise-time.ts';

const iso = (text: string): number => Date.parse(text);

describe('a time', () => {
  it.each([
    ['2026-11-21T10:00:00Z', iso('2026-11-21T10:00:00Z')],
    ['2026-11-21t10:00:00z', iso('2026-11-21T10:00:00Z')],
    ['2026-11-21T10:00:00.123456789+02:00', iso('2026-11-21T08:00:00.123Z')],
    ['2026-11-21T10:00:00,5-0330', iso('2026-11-21T13:30:00.500Z')],
    ['2026-11-21 10:00:00', iso('2026-11-21T10:00:00Z')],
    ['2026-11-21 10:00:00 UTC', iso('2026-11-21T10:00:00Z')],
    ['2026-11-21 10:00:00+01', iso('2026-11-21T09:00:00Z')],
    ['2026-11-21T10:00', iso('2026-11-21T10:00:00Z')],
    ['2026-11-21', iso('2026-11-21T00:00:00Z')],
    ['20261121', iso('2026-11-21T00:00:00Z')],
    ['20261121T100000Z', iso('2026-11-21T10:00:00Z')],
    ['2016-12-31T23:59:60Z', iso('2016-12-31T23:59:59.999Z')],
    ['2024-02-29', iso('2024-02-29T00:00:00Z')],
    [1_763_719_200, 1_763_719_200_000],
    [1_763_719_200.5, 1_763_719_200_500],
    [1_763_719_200_000, 1_763_719_200_000],
    ['1763719200', 1_763_719_200_000],
    ['1763719200000', 1_763_719_200_000],
    [new Date(5), 5],
    [0, 0],
  ])('%j is read', (value, time) => expect(normaliseTime(value)).toBe(time));

  it.each([
    '',
    'yesterday',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-11-21T24:00:00Z',
    '2026-11-21T10:60:00Z',
    '2026-11-21T10:00:00+25:00',
    '21.11.2026',
    '11/21/2026',
    '1969-12-31T23:59:59Z',
    '2101-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e18,
    new Date(Number.NaN),
    null,
    undefined,
    {},
    '1'.repeat(100),
  ])('%j is none', (value) => expect(normaliseTime(value)).toBeUndefined());

  it('keeps to the bounds it is given', () => {
    expect(normaliseTime('1950-05-01', { minYear: 1900 })).toBe(iso('1950-05-01'));
    expect(normaliseTime('2050-05-01', { maxYear: 2049 })).toBeUndefined();
  });

  it('reads back what JavaScript writes, to the millisecond', () => {
    const time = fc.integer({ min: 0, max: iso('2100-12-31T23:59:59.999Z') });
    fc.assert(
      fc.property(time, (at) => {
        const text = new Date(at).toISOString();
        expect([normaliseTime(text), parseIsoTime(text)]).toEqual([at, at]);
      }),
    );
  });

  it('is strict where it is asked to be', () => {
    expect(parseIsoTime('2026-11-21T10:00:00+01:00')).toBe(iso('2026-11-21T09:00:00Z'));
    for (const text of [
      '2026-11-21',
      '2026-11-21 10:00:00Z',
      '2026-11-21T10:00:00',
      '1763719200',
    ]) {
      expect(parseIsoTime(text)).toBeUndefined();
    }
  });
});
