// A mistake inside a text is told where its author sees it, or at the text where that cannot be known.
import { expect, test } from 'vitest';
import { readYaml } from './read-yaml.ts';

const found = (text: string, offset: number): string => {
  const yaml = readYaml(text);
  const { start } = yaml.find(['a'], 'value', offset);
  return `${text.slice(start, start + 1)} at ${Object.values(yaml.place(start)).join(':')}`;
};

test.each([
  [
    'in a block',
    'a: |\n    one\n      two\n\n    three\n',
    'one\n  two\n\nthree\n'.indexOf('h'),
    'h at 5:6',
  ],
  ['on a block’s first line', 'a: |\n  xyz\n', 1, 'y at 2:4'],
  ['at the end of a block', 'a: |-\n  xyz\n', 3, '\n at 2:6'],
  ['plain', 'a: xyz', 1, 'y at 1:5'],
  ['in quotes', "a: 'xyz'", 1, 'y at 1:6'],
  ['in quotes with an escape', 'a: "x\\ty"', 2, '" at 1:4'],
  ['folded', 'a: >\n  one\n  two\n', 5, '> at 1:4'],
])('%s', (_, text, offset, place) => {
  expect(found(text, offset)).toBe(place);
});
