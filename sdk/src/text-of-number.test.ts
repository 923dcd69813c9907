// A number as an id: exact or none.
import { expect, test } from 'vitest';
import { textOfNumber } from './text-of-number.ts';

test.each([
  [42, '42'],
  [-1, '-1'],
  [1.5, '1.5'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  [Number.MAX_SAFE_INTEGER + 1, undefined],
  [1e300, undefined],
  [Infinity, undefined],
  [NaN, undefined],
])('%s: %s', (value, text) => {
  expect(textOfNumber(value)).toBe(text);
});
