import fc from 'fast-check';
import { Big } from 'big.js';
import { describe, expect, it } from 'vitest';
import { compare, compareMeasure, nextTurnOfAge } from './evaluate-comparison.ts';
import { compareDecimals } from './evaluate-decimal.ts';
import { readTime } from './evaluate-time.ts';

const now = Date.UTC(2026, 0, 31);

describe('a comparison', () => {
  it('never takes one JSON type for another', () => {
    expect(compare({ kind: 'is', value: 1 }, '1', now)).toBe(false);
    expect(compare({ kind: 'is', value: 'true' }, true, now)).toBe(false);
    expect(compare({ kind: 'number', atLeast: 0 }, '5', now)).toBe(false);
    expect(compare({ kind: 'contains', value: '1' }, 11, now)).toBe(false);
    expect(compare({ kind: 'includes', value: 'a' }, 'abc', now)).toBe(false);
    expect(compare({ kind: 'is', value: 'a' }, ['a'], now)).toBe(false);
  });

  it('is met by a missing value only when it asks for that; null is missing', () => {
    for (const missing of [undefined, null]) {
      expect(compare({ kind: 'exists', value: false }, missing, now)).toBe(true);
      expect(compare({ kind: 'exists', value: true }, missing, now)).toBe(false);
      expect(compare({ kind: 'number' }, missing, now)).toBe(false);
    }
  });

  it('takes text code point by code point, case and form as they are', () => {
    expect(compare({ kind: 'is', value: 'é' }, 'e\u0301', now)).toBe(false);
    expect(compare({ kind: 'startsWith', value: 'Ä' }, 'ärger', now)).toBe(false);
    expect(compare({ kind: 'contains', value: '%' }, 'a%b', now)).toBe(true);
  });

  it('age: older than from the very millisecond on, newer than until right before it', () => {
    const ago = (ms: number): string => new Date(now - ms).toISOString();
    const older = { kind: 'age', olderThanMs: 1_000 } as const;
    const newer = { kind: 'age', newerThanMs: 1_000 } as const;
    expect([999, 1_000].map((ms) => compare(older, ago(ms), now))).toEqual([false, true]);
    expect([999, 1_000].map((ms) => compare(newer, ago(ms), now))).toEqual([true, false]);
    expect(nextTurnOfAge(older, now - 999, now)).toBe(now + 1);
    expect(nextTurnOfAge(older, now - 1_000, now)).toBe(Infinity);
  });

  it('an average is exact: a third times three is one', () => {
    const average = { kind: 'average', sum: 1, count: 3 } as const;
    expect(compareMeasure({ kind: 'number', above: 0.3333333333333333 }, average, now)).toBe(true);
    expect(compareMeasure({ kind: 'number', atMost: 0.3333333333333333 }, average, now)).toBe(
      false,
    );
    const tenth = { kind: 'average', sum: new Big('0.3'), count: 3 } as const;
    expect(compareMeasure({ kind: 'number', atLeast: 0.1, atMost: 0.1 }, tenth, now)).toBe(true);
  });

  it('orders plain numbers as their decimal texts are ordered', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(number, number, (left, right) => {
        expect(compareDecimals(left, right)).toBe(new Big(String(left)).cmp(String(right)));
      }),
    );
  });
});

describe('a time in a property', () => {
  it.each([
    ['2024-02-29T10:00Z', Date.UTC(2024, 1, 29, 10)],
    ['2024-02-29T10:00:01-05:30', Date.UTC(2024, 1, 29, 15, 30, 1)],
    ['2024-02-29T10:00:01.5Z', Date.UTC(2024, 1, 29, 10, 0, 1, 500)],
    ['2024-02-29T10:00:01.123999999+00:00', Date.UTC(2024, 1, 29, 10, 0, 1, 123)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
  ])('%s is one', (text, at) => {
    expect(readTime(text)).toBe(at);
  });

  it.each([
    '2024-02-29',
    '2024-02-29T10:00:00',
    '2024-02-29 10:00:00Z',
    '2024-02-29t10:00:00z',
    '2023-02-29T10:00:00Z',
    '1900-02-29T10:00:00Z',
    '2024-04-31T10:00:00Z',
    '2024-13-01T10:00:00Z',
    '2024-00-10T10:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T10:60:00Z',
    '2024-01-01T10:00:60Z',
    '2024-01-01T10:00:00+15:00',
    '2024-01-01T10:00:00+0100',
    '0000-01-01T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    '2024-01-01T10:00:00Z ',
    '1706695200000',
    1_706_695_200_000,
  ])('%j is none', (value) => {
    expect(readTime(value)).toBeUndefined();
  });
});
