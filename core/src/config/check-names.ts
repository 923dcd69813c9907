// Names that must lead somewhere: purposes, audiences, namespaces, source instances.
import { oneOf, quote } from './describe-error.ts';
import { builtInNamespaces } from './namespaces.ts';
import { nearest } from './nearest.ts';
import type { Issue, Path } from './problem.ts';
import { each, keysAt, select, selectTexts } from './select.ts';

type Pattern = readonly (string | typeof each)[];

interface NameKind {
  readonly word: string;
  readonly known: readonly string[];
  readonly uses: readonly Pattern[];
}

/** @param root the document with references resolved; it may be wrong elsewhere. */
export function checkNames(root: unknown): Issue[] {
  const values = nameKinds(root).flatMap(({ word, known, uses }) =>
    uses
      .flatMap((pattern) => selectTexts(root, pattern))
      .filter(({ value }) => !known.includes(value))
      .map(({ path, value }) => unknownName(word, path, value, known)),
  );
  return [...values, ...checkNamespaceKeys(root)];
}

/** Names that stand as keys. */
function checkNamespaceKeys(root: unknown): Issue[] {
  const known = knownNamespaces(root);
  return [...select(root, ['primary', each]), ...select(root, ['identity', 'shared', each])]
    .map(({ path }) => ({ path, name: String(path.at(-1)) }))
    .filter(({ name }) => !known.includes(name))
    .map(({ path, name }) => ({ ...unknownName('namespace', path, name, known), at: 'key' }));
}

function nameKinds(root: unknown): NameKind[] {
  return [
    {
      word: 'purpose',
      known: keysAt(root, 'purposes'),
      uses: [
        ['destinations', each, 'purposes', each],
        ['consent', 'gpcDenies', each],
        ['sources', each, 'consent', 'categories', each, each],
      ],
    },
    {
      word: 'audience',
      known: keysAt(root, 'audiences'),
      uses: [
        ['destinations', each, 'audiences', each, 'audience'],
        ['destinations', each, 'profiles', 'audience'],
        ['destinations', each, 'actions', each, 'audience'],
      ],
    },
    {
      word: 'source',
      known: keysAt(root, 'sources'),
      uses: [['traits', each, 'sources', each]],
    },
    {
      word: 'namespace',
      known: knownNamespaces(root),
      uses: [['identity', 'order', each]],
    },
  ];
}

export function knownNamespaces(root: unknown): string[] {
  const own = select(root, ['identity', 'namespaces', each]).map(({ path }) => String(path[2]));
  return [...new Set([...builtInNamespaces.keys(), ...own])];
}

export function unknownName(
  word: string,
  path: Path,
  found: string,
  known: readonly string[],
): Issue {
  const near = nearest(found, known);
  const expected = known.length === 0 ? `one of the ${word}s, but there are none` : oneOf(known);
  return {
    code: 'CONFIG_NAME_UNKNOWN',
    path,
    message: `found the unknown ${word} ${quote(found)}, expected ${expected}`,
    hint: near === undefined ? undefined : `Did you mean ${quote(near)}?`,
  };
}
