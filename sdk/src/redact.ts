// Secrets never reach a log, an error or a row: which settings are secret is said once, in their
// schema, and whatever text leaves the process is searched for them in the forms they travel in.
import { isJsonObject } from './json.ts';

const mark = '[secret]';
/** Shorter values are no secrets, and replacing them would make every message unreadable. */
const shortestSecret = 4;
const deepestSettings = 32;

/** Replaces every secret in the text, plain, URL-encoded, JSON-escaped, in hex or in base64. */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  return createRedactor(secrets)(text);
}

/** The same for many texts and one set of secrets. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp(forms.map(escapePattern).join('|'), 'g');
  return (text) => text.replace(pattern, mark);
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function formsOf(secret: string): string[] {
  if (secret.length < shortestSecret) return [];
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    ...base64Forms(bytes),
  ];
}

// Inside a longer base64 text (`user:secret`) a secret looks different by its place modulo three. Of
// each of the three forms the characters that depend on the secret alone are searched for.
function base64Forms(secret: Uint8Array): string[] {
  if (secret.length < 8) return [];
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), secret]).toString('base64url');
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor(((offset + secret.length) * 8) / 6);
    const urlSafe = encoded.slice(first, last);
    return [urlSafe, urlSafe.replaceAll('-', '+').replaceAll('_', '/')];
  });
}

/**
 * The texts in `settings` that their schema marks `writeOnly: true`, in nested objects, arrays,
 * `$ref`s within the schema and alternatives too. All texts below a marked object count.
 */
export function collectSecrets(schema: unknown, settings: unknown): string[] {
  const found = new Set<string>();
  collect({ root: schema, found }, schema, settings, 0);
  return [...found];
}

interface Search {
  readonly root: unknown;
  readonly found: Set<string>;
}

function collect(search: Search, schema: unknown, value: unknown, depth: number): void {
  if (!isJsonObject(schema) || value === undefined || depth > deepestSettings) return;
  if (schema['writeOnly'] === true) {
    addTexts(search.found, value, depth);
    return;
  }
  const next = depth + 1;
  if (typeof schema['$ref'] === 'string') {
    collect(search, resolveReference(search.root, schema['$ref']), value, next);
  }
  for (const keyword of ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else']) {
    for (const branch of listOf(schema[keyword])) collect(search, branch, value, next);
  }
  if (Array.isArray(value)) collectItems(search, schema, value, next);
  else if (isJsonObject(value)) collectMembers(search, schema, value, next);
}

function collectItems(
  search: Search,
  schema: Readonly<Record<string, unknown>>,
  values: readonly unknown[],
  depth: number,
): void {
  const leading = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
  for (const [index, value] of values.entries()) {
    collect(search, leading[index] ?? schema['items'], value, depth);
  }
}

function collectMembers(
  search: Search,
  schema: Readonly<Record<string, unknown>>,
  values: Readonly<Record<string, unknown>>,
  depth: number,
): void {
  const named = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const patterns = isJsonObject(schema['patternProperties']) ? schema['patternProperties'] : {};
  for (const [name, value] of Object.entries(values)) {
    const matching = Object.entries(patterns).filter(([pattern]) => new RegExp(pattern).test(name));
    const known = Object.hasOwn(named, name);
    if (known) collect(search, named[name], value, depth);
    for (const [, member] of matching) collect(search, member, value, depth);
    if (!known && matching.length === 0) {
      collect(search, schema['additionalProperties'], value, depth);
    }
  }
}

function addTexts(found: Set<string>, value: unknown, depth: number): void {
  if (depth > deepestSettings) return;
  if (typeof value === 'string') found.add(value);
  else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) addTexts(found, member, depth + 1);
  }
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function resolveReference(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined;
  let place: unknown = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, name))
      return undefined;
    place = Reflect.get(place, name);
  }
  return place;
}
