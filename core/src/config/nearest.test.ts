// The suggestion must be the word that was meant, or none.
import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const known = ['purposes', 'audiences', 'contactPoints', 'http', 'apiKey'];

test.each([
  ['purposse', 'purposes'],
  ['audience', 'audiences'],
  ['contact_points', 'contactPoints'],
  ['htpp', 'http'],
  ['APIKEY', 'apiKey'],
  ['apiKye', 'apiKey'],
  ['schedule', undefined],
  ['x', undefined],
  ['', undefined],
])('%s → %s', (word, meant) => {
  expect(nearest(word, known)).toBe(meant);
});
