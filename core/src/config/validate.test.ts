// Schemas come from plugins that know nothing of each other.
import { expect, test } from 'vitest';
import { createValidator, type ValidationContext } from './validate.ts';

const context: ValidationContext = { path: [], written: new Map(), show: String };

test('two plugins may give their schemas the same $id', () => {
  const $id = 'https://example.com/settings';
  const text = createValidator({ $id, type: 'string' });
  const number = createValidator({ $id, type: 'number' });
  expect([text('a', context), number(1, context)]).toEqual([[], []]);
  expect(number(true, context)).toHaveLength(1);
});

test('a schema that is none does not stand in the way of its mended form', () => {
  const $id = 'https://example.com/mended';
  expect(() => createValidator({ $id, type: 'words' })).toThrow(/type/u);
  expect(createValidator({ $id, type: 'string' })('a', context)).toEqual([]);
});
