// Finds values in a document that may be wrong in any way: checks look at what is there and pass
// over what the schema refuses anyway.
import type { Path } from './problem.ts';

export const each: unique symbol = Symbol('each');

export interface Selected {
  readonly path: Path;
  readonly value: unknown;
}

/** Everything that the pattern leads to; `each` stands for every key or list place. */
export function select(root: unknown, pattern: readonly (string | typeof each)[]): Selected[] {
  let found: Selected[] = [{ path: [], value: root }];
  for (const part of pattern) {
    found = found.flatMap(({ path, value }) =>
      entriesOf(value)
        .filter(([key]) => part === each || key === part)
        .map(([key, inner]) => ({ path: [...path, key], value: inner })),
    );
  }
  return found;
}

/** The same, texts only. */
export function selectTexts(
  root: unknown,
  pattern: readonly (string | typeof each)[],
): { readonly path: Path; readonly value: string }[] {
  return select(root, pattern).flatMap(({ path, value }) =>
    typeof value === 'string' ? [{ path, value }] : [],
  );
}

/** Keys of the map at `key` of the document. */
export function keysAt(root: unknown, key: string): string[] {
  return select(root, [key, each]).map(({ path }) => String(path[1]));
}

function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return value.map((item: unknown, index) => [index, item]);
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
