import { expect, it } from 'vitest';
import { remember } from './remember.ts';

it('asks once for what is asked for again, and forgets what is not', () => {
  const asked: string[] = [];
  const lengthOf = remember(4, (key) => {
    asked.push(key);
    return key.length;
  });
  for (const key of ['a', 'bb', 'a', 'bb']) expect(lengthOf(key)).toBe(key.length);
  expect(asked).toEqual(['a', 'bb']);
  for (const key of ['c', 'a', 'd', 'a', 'e', 'a']) lengthOf(key);
  expect(asked).toEqual(['a', 'bb', 'c', 'd', 'e']);
  lengthOf('bb');
  expect(asked.at(-1)).toBe('bb');
});
