// The ranges that plugins write into their package.json.
import { expect, test } from 'vitest';
import { satisfiesRange } from './version-range.ts';

test.each([
  ['0.1.3', '^0.1.0', true],
  ['0.2.0', '^0.1.0', false],
  ['0.0.4', '^0.0.3', false],
  ['0.9.0', '^0', true],
  ['1.9.0', '^1.2.3', true],
  ['1.2.2', '^1.2.3', false],
  ['2.0.0', '^1.2.3', false],
  ['1.2.9', '~1.2.3', true],
  ['1.3.0', '~1.2.3', false],
  ['1.3.0', '~1', true],
  ['1.4.2', '1.x', true],
  ['2.0.0', '1.x', false],
  ['1.2.3', '1.2.3', true],
  ['1.2.4', '=1.2.3', false],
  ['1.5.0', '>=1.2.0 <2.0.0', true],
  ['2.0.0', '>= 1.2.0 < 2', false],
  ['2.0.0', '>1', true],
  ['1.9.9', '>1', false],
  ['1.4.0', '1.0.0 - 1.4.0', true],
  ['1.4.1', '1.0.0 - 1.4.0', false],
  ['3.1.0', '^1.0.0 || ^3.0.0', true],
  ['2.1.0', '^1.0.0 || ^3.0.0', false],
  ['7.0.0', '*', true],
  ['1.0.0', 'workspace:^', false],
  ['1.0.0', 'latest', false],
])('%s in %s: %s', (version, range, expected) => {
  expect(satisfiesRange(version, range)).toBe(expected);
});
