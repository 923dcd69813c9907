// The short form of `npm run soak`: most of an hour of the demo shop in twenty seconds.
import { expect, test } from 'vitest';
import { slopePerHour } from './slope.ts';
import { soak } from './soak.ts';

test(
  'an hour of the shop with faults: books balance, nothing is stuck',
  { timeout: 240_000 },
  async () => {
    const figures = await soak({ minutes: 1 / 3, times: 144, seed: 3, visitsPerMinute: 30 });
    expect(figures.complaints).toEqual([]);
    expect(figures.hours).toBeGreaterThan(0.7);
    expect(figures.events).toBeGreaterThan(500);
    expect(figures.books.length).toBeGreaterThan(4);
  },
);

test('the slope tells what grows from what only wavers', () => {
  const samples = (heap: (hours: number) => number) =>
    Array.from({ length: 40 }, (_, hours) => ({ hours, heap: heap(hours), rss: 0 }));
  expect(slopePerHour(samples((hours) => 80 + 2 * hours))).toBeCloseTo(2);
  expect(Math.abs(slopePerHour(samples((hours) => 80 + (hours % 2) * 20)))).toBeLessThan(0.1);
});
