// The short form of `npm run soak`: most of an hour of the demo shop in twenty seconds.
import { expect, test } from 'vitest';
import { longestLife, slopePerHour } from './slope.ts';
import { soak } from './soak.ts';

test(
  'an hour of the shop with faults and a kill: books balance, nothing is stuck',
  { timeout: 600_000 },
  async () => {
    const figures = await soak({
      minutes: 1 / 3,
      times: 144,
      seed: 3,
      visitsPerMinute: 30,
      kills: 1,
    });
    expect(figures.complaints).toEqual([]);
    expect(figures.hours).toBeGreaterThan(0.7);
    expect(figures.events).toBeGreaterThan(200);
    expect(figures.kills).toBe(1);
    expect(figures.books.length).toBeGreaterThan(4);
  },
);

test('the slope tells what grows from what only wavers', () => {
  const samples = (heap: (hours: number) => number) =>
    Array.from({ length: 40 }, (_, hours) => ({ hours, heap: heap(hours), rss: 0, life: 0 }));
  expect(slopePerHour(samples((hours) => 80 + 2 * hours))).toBeCloseTo(2);
  expect(Math.abs(slopePerHour(samples((hours) => 80 + (hours % 2) * 20)))).toBeLessThan(0.1);
});

test('memory is watched in the longest life, once it has warmed up', () => {
  const lives = [0, 0, 1, 1, 1, 1, 1, 2];
  const samples = lives.map((life, hours) => ({ hours, heap: 0, rss: 0, life }));
  expect(longestLife(samples).map(({ hours }) => hours)).toEqual([3, 4, 5, 6]);
});
