// Which values of a config may be shown in a problem, and which of them are secrets to be kept out
// of every log. What is not known to be harmless is not shown: a mistyped key may hold a secret.
import { collectSecrets } from '@tributary/sdk';
import type { ShowValue } from './describe-error.ts';
import { isWithin, pathKey, type Path } from './problem.ts';
import type { ResolvedReferences } from './references.ts';
import { loadSchema } from './hub-schema.ts';
import { each, select } from './select.ts';
import { member } from './validate.ts';

/** A part of the document that a schema of its own describes: a plugin's settings. */
export interface SchemaPlace {
  readonly path: Path;
  /** Undefined where the plugin could not be loaded. */
  readonly schema: object | undefined;
}

/** Sections that hold rules and names and can hold no secret. */
const openSections = new Set([
  'tributary',
  'identity',
  'traits',
  'computed',
  'primary',
  'purposes',
  'consent',
  'audiences',
]);

/** True where the value may be shown as it stands in the file. */
export function isOpen(path: Path, places: readonly SchemaPlace[]): boolean {
  if (typeof path[0] === 'string' && openSections.has(path[0])) return true;
  if (path[0] === 'sources' && path[2] === 'trackingPlan') return true;
  const place = places.find((candidate) => isWithin(path, candidate.path));
  if (!place) return !isForeign(path) && opens(loadSchema, loadSchema, path);
  if (!place.schema) return false;
  return opens(place.schema, place.schema, path.slice(place.path.length));
}

/** Settings and parameters of a plugin that nobody has described. */
function isForeign(path: Path): boolean {
  return path[2] === 'settings' || (path[2] === 'actions' && path[4] === 'parameters');
}

const alternatives = new Set(['allOf', 'anyOf', 'oneOf']);

/** Follows the path through the schema; closed where it leads out of it or meets a secret. */
function opens(root: object, schema: unknown, path: Path, depth = 0): boolean {
  if (typeof schema !== 'object' || schema === null || depth > 32) return false;
  if (member(schema, 'writeOnly') === true) return false;
  const reference = member(schema, '$ref');
  if (typeof reference === 'string') {
    return opens(root, followReference(root, reference), path, depth + 1);
  }
  const [part, ...rest] = path;
  if (part === undefined) return !holdsSecret(schema);
  const branches = select(schema, [each, each])
    .filter(({ path: [keyword] }) => alternatives.has(String(keyword)))
    .map(({ value }) => value);
  const below = typeof part === 'number' ? itemSchema(schema, part) : keySchema(schema, part);
  if (below === undefined) return branches.some((branch) => opens(root, branch, path, depth + 1));
  return opens(root, below, rest, depth + 1);
}

function holdsSecret(schema: object): boolean {
  return JSON.stringify(schema).includes('"writeOnly":true');
}

function itemSchema(schema: object, place: number): unknown {
  return member(member(schema, 'prefixItems'), place) ?? member(schema, 'items');
}

function keySchema(schema: object, key: string): unknown {
  return member(member(schema, 'properties'), key) ?? member(schema, 'additionalProperties');
}

function followReference(root: object, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  return reference.slice(2).split('/').reduce<unknown>(member, root);
}

/** Shows open values, and of what came in by reference only the reference. */
export function createShow(
  references: ResolvedReferences,
  places: () => readonly SchemaPlace[],
): ShowValue {
  return (path, value) => {
    const written = references.written.get(pathKey(path));
    if (written !== undefined) {
      return isReferenceAlone(written) ? `the value of ${written}` : undefined;
    }
    if (!isOpen(path, places())) return undefined;
    const text = JSON.stringify(value);
    return text.length > 80 ? `${text.slice(0, 79)}…` : text;
  };
}

export function isReferenceAlone(written: string): boolean {
  return /^\$\{[^}]*\}$/.test(written);
}

/** Everything that must never leave the process: by schema, and by having come in by reference. */
export function collectConfigSecrets(
  value: unknown,
  references: ResolvedReferences,
  places: readonly SchemaPlace[],
): string[] {
  const bySchema = [
    ...collectSecrets(loadSchema, value),
    ...plainStore(value),
    ...places.flatMap(({ path, schema }) =>
      schema ? collectSecrets(schema, path.reduce<unknown>(member, value)) : [],
    ),
  ];
  const byReference = references.resolved
    .filter(({ path, from }) => from === 'file' || isForeign(path) || !isOpen(path, places))
    .map((resolved) => resolved.value)
    .filter((text) => !/^(true|false|\d{1,7})$/.test(text));
  const all = [...bySchema, ...byReference];
  return [...new Set([...all, ...all.flatMap(passwordOf)])].filter((text) => text.length >= 4);
}

/** `store: postgres://user:password@host/name`. */
function plainStore(root: unknown): string[] {
  const store = ['hub', 'store'].reduce<unknown>(member, root);
  return typeof store === 'string' ? passwordOf(store) : [];
}

/** A connection string is a secret, and so is the password in it by itself. */
export function passwordOf(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { password } = new URL(text);
  if (password === '') return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
