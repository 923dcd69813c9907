import { describe, expect, it } from 'vitest';
import { createBatchSize } from './batch-size.ts';

describe('the size of a batch', () => {
  const bounds = { start: 1_000, most: 4_000, aimMs: 200 };

  it('grows while full batches are quick, up to its bound', () => {
    const size = createBatchSize(bounds);
    for (const events of [1_000, 2_000, 4_000, 4_000]) size.took(events, 50);
    expect(size.current()).toBe(4_000);
  });

  it('stays where batches are not full: nobody is behind', () => {
    const size = createBatchSize(bounds);
    size.took(300, 10);
    expect(size.current()).toBe(1_000);
  });

  it('goes back to where it began where batches take too long', () => {
    const size = createBatchSize(bounds);
    for (const milliseconds of [50, 50, 900, 900, 900]) size.took(4_000, milliseconds);
    expect(size.current()).toBe(1_000);
  });

  it('halves the batch that failed, down to one event, and recovers', () => {
    const size = createBatchSize(bounds);
    for (const events of [3, 2]) size.failed(events);
    expect(size.current()).toBe(1);
    for (let batch = 0; batch < 20; batch += 1) size.took(size.current(), 10);
    expect(size.current()).toBe(4_000);
  });

  it('never exceeds what it was told to start with where that is the most', () => {
    const size = createBatchSize({ ...bounds, start: 7, most: 7 });
    for (let batch = 0; batch < 5; batch += 1) size.took(7, 1);
    expect(size.current()).toBe(7);
    size.took(7, 1_000);
    expect(size.current()).toBe(7);
  });
});
