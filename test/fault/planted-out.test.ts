// Bugs on the way out: of what is sent, counted and repeated. Each is planted into a hub and has to be caught.
import { expect, test } from 'vitest';
import { livePlanted, plantedCases, slowMachine } from './planted.ts';

/** Who says what, and when, is up to the processes: a bug that did no harm this time is planted again. */
const again = { ...slowMachine, retry: 2 };

const cases = plantedCases.filter(({ way }) => way === 'out');

test.each(cases)('the bug $bug is caught', again, async ({ bug, words, ...given }) => {
  const { complaints } = await livePlanted(given, { bug, enough: words });
  expect(complaints).toEqual(expect.arrayContaining([expect.stringMatching(words)]));
});
