import { expect, test } from 'vitest';
import { seldom } from './seldom.ts';

function setUp(tookMs: number) {
  const time = { now: 0, reads: 0 };
  const read = seldom(
    async () => {
      time.reads += 1;
      const { reads } = time;
      await Promise.resolve();
      time.now += tookMs;
      return reads;
    },
    () => time.now,
  );
  return { time, read };
}

test('what is quick is read for whoever asks, but not all the time', async () => {
  const { time, read } = setUp(10);
  expect(await read()).toBe(1);
  expect(await read()).toBe(1);
  time.now += 201;
  expect(await read()).toBe(2);
});

test('what is slow is read once for all who ask, who get what was read last', async () => {
  const { time, read } = setUp(1_000);
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  time.now += 10_000;
  expect(await read()).toBe(1);
  time.now += 10_001;
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  expect(await read()).toBe(2);
  expect(time.reads).toBe(2);
});

test('what was slow and fails now is no longer told as if it were so', async () => {
  const time = { now: 0, fails: false };
  const read = seldom(
    async () => {
      await Promise.resolve();
      time.now += 1_000;
      if (time.fails) throw new Error('away');
      return 'there';
    },
    () => time.now,
  );
  await read();
  time.fails = true;
  time.now += 30_000;
  expect(await read()).toBe('there');
  await new Promise((resolve) => setImmediate(resolve));
  await expect(read()).rejects.toThrow('away');
  time.fails = false;
  expect(await read()).toBe('there');
});

test('a reading that fails is taken again', async () => {
  let fails = true;
  const read = seldom(
    () => (fails ? Promise.reject(new Error('away')) : Promise.resolve('there')),
    () => 0,
  );
  await expect(read()).rejects.toThrow('away');
  fails = false;
  expect(await read()).toBe('there');
});
