import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { boundSilence } from './bound-silence.ts';

it('ends what has been silent for so long, and nothing that goes on coming', async () => {
  const silence = boundSilence(300);
  for (let piece = 0; piece < 8; piece += 1) {
    await wait(60);
    silence.heard();
  }
  expect(silence.signal.aborted).toBe(false);
  await expect.poll(() => silence.signal.aborted, { timeout: 10_000 }).toBe(true);
  expect(String(silence.signal.reason)).toContain('300 ms of silence');
});

it('says nothing of what is over', async () => {
  const silence = boundSilence(30);
  silence.end();
  await wait(60);
  expect(silence.signal.aborted).toBe(false);
});

it('hears what came while nobody listened before it calls anybody silent', async () => {
  const silence = boundSilence(100);
  const until = Date.now() + 250;
  while (Date.now() < until); // as a terminal that nobody reads holds the process up
  setTimeout(() => silence.heard(), 0);
  await wait(90);
  expect(silence.signal.aborted).toBe(false);
  silence.end();
});
