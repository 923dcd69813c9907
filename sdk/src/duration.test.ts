import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['250ms', 250],
    [' 1h ', 3_600_000],
    ['0s', 0],
    ['', undefined],
    ['5', undefined],
    ['-5m', undefined],
    ['1.5h', undefined],
    ['1h30m', undefined],
    ['5M', undefined],
    ['999999999999999w', undefined],
  ])('%j', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  it.each([
    [90_000, '90s'],
    [7_200_000, '2h'],
    [86_400_000, '1d'],
    [1_209_600_000, '2w'],
    [1_500, '1500ms'],
    [0, '0s'],
  ])('%i is said as %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

  it('is read back as it was said', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e13 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });
});
