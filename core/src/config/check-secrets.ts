// A secret that stands in the file itself ends up in backups, chats and version control. That is
// a warning, not an error: a demo may do so.
import { collectSecrets } from '@tributary/sdk';
import { pathKey, type Issue, type Path } from './problem.ts';
import { loadSchema } from './hub-schema.ts';
import { isOpen, passwordOf, type SchemaPlace } from './secrecy.ts';
import { valueAt } from './validate.ts';

export function checkSecrets(
  root: unknown,
  places: readonly SchemaPlace[],
  written: ReadonlyMap<string, string>,
): Issue[] {
  const described: readonly SchemaPlace[] = [{ path: [], schema: loadSchema }, ...places];
  const found = described.flatMap(({ path, schema }) =>
    schema ? secretPaths(schema, valueAt(root, path), path) : [],
  );
  return [...found, ['hub', 'store']]
    .filter((path) => !written.has(pathKey(path)) && !isOpen(path, places))
    .filter((path) => path[0] !== 'hub' || path[1] !== 'store' || hasPassword(valueAt(root, path)))
    .map((path) => ({
      code: 'CONFIG_SECRET_IN_CLEAR',
      severity: 'warning',
      path,
      message: 'found a secret in clear text, expected a reference',
      hint: 'Write ${NAME} or ${file:path} and keep the secret outside of the file.',
    }));
}

/** A server that asks for no password has a connection string that is no secret. */
function hasPassword(store: unknown): boolean {
  return typeof store === 'string' && passwordOf(store).length > 0;
}

/** Places of the texts that the schema marks as secrets, found by what `collectSecrets` collects. */
function secretPaths(schema: object, value: unknown, base: Path): Path[] {
  const secrets = new Set(collectSecrets(schema, value));
  if (secrets.size === 0) return [];
  const walk = (node: unknown, path: Path): Path[] => {
    if (typeof node === 'string') return secrets.has(node) ? [path] : [];
    if (Array.isArray(node)) return node.flatMap((item, index) => walk(item, [...path, index]));
    if (typeof node !== 'object' || node === null) return [];
    return Object.entries(node).flatMap(([key, item]) => walk(item, [...path, key]));
  };
  return walk(value, base).filter((path) => path.length > 0);
}
