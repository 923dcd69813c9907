import { expect, it } from 'vitest';
import { mostWaitMs } from './handle.ts';

const withTime = (time: string) => ({ limits: { time } });

it.each([
  ['as long as it may where mapping is quick', {}, 5_000],
  ['less where mapping takes its time', withTime('3s'), 2_500],
  ['a moment where mapping may use up nearly all', withTime('5s'), 300],
])('a message waits %s: the sender hears before the hub gives up', (_, limits, ms) => {
  expect(mostWaitMs(limits)).toBe(ms);
});
