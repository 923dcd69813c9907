// Where a character of a text's value stands in the file: an expression in a block has its mistakes on
// the lines on which its author sees them.
import type { Span } from './read-yaml.ts';

/** Undefined where folding or escapes have moved the characters. */
export function placeWithin(
  text: string,
  written: Span,
  value: string,
  offset: number,
): Span | undefined {
  const source = text.slice(written.start, written.end);
  const start = source.startsWith('|')
    ? inBlock(source, value, offset)
    : inLine(source, value, offset);
  if (start === undefined) return undefined;
  const at = written.start + start;
  // What is wrong at the end of a text stands behind its last character.
  const isThere = offset >= value.length || text[at] === value[offset];
  return isThere ? { start: at, end: at + 1 } : undefined;
}

/** Below the head, each line of the value with the block's indentation before it. */
function inBlock(source: string, value: string, offset: number): number | undefined {
  const [head = '', ...lines] = source.split('\n');
  const before = value.slice(0, offset).split('\n');
  const row = Math.min(before.length, lines.length) - 1;
  const first = lines.findIndex((line) => line.trim() !== '');
  const indent = (lines[first]?.length ?? 0) - (value.split('\n')[first]?.length ?? 0);
  if (row < 0 || indent < 0) return undefined;
  const above = lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, head.length + 1);
  const line = lines[row] ?? '';
  const isBeyond = row < before.length - 1;
  return above + (isBeyond ? line.length : indent + (before.at(-1)?.length ?? 0));
}

/** Plain, or in quotes without an escape. */
function inLine(source: string, value: string, offset: number): number | undefined {
  if (source.startsWith(value)) return offset;
  return source.slice(1).startsWith(value) ? offset + 1 : undefined;
}
