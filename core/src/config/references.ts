// `${NAME}`, `${NAME:-default}` and `${file:path}` in a config's text: how secrets get in without
// standing in the file. A doubled dollar, `$${`, is a plain `${`. What a reference yields is taken as
// it is and never searched again.
import { dirname, resolve } from 'node:path';
import { pathKey, type Issue, type Path } from './problem.ts';

/** The world as config sees it. */
export interface ConfigWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Rejects where the file cannot be read or is larger than config takes. */
  readFile(path: string): Promise<string>;
}

export interface ResolvedReferences {
  /** The document with every reference replaced. */
  readonly value: unknown;
  /** Path key → the text with its references as written: what may be shown of such a value. */
  readonly written: ReadonlyMap<string, string>;
  /** Path keys whose reference could not be resolved: nothing more is to be said of them. */
  readonly unresolved: ReadonlySet<string>;
  /** What came out of files and variables. */
  readonly resolved: readonly ResolvedValue[];
  readonly issues: readonly Issue[];
}

export interface ResolvedValue {
  readonly path: Path;
  readonly value: string;
  readonly from: 'environment' | 'file';
}

const reference = /\$\$\{|\$\{([^}]*)\}?/g;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const longestFileValue = 65_536;

export async function resolveReferences(
  value: unknown,
  configFile: string,
  world: ConfigWorld,
): Promise<ResolvedReferences> {
  const written = new Map<string, string>();
  const unresolved = new Set<string>();
  const resolved: ResolvedValue[] = [];
  const issues: Issue[] = [];

  const walk = async (node: unknown, path: Path): Promise<unknown> => {
    if (typeof node === 'string') return node.includes('${') ? replace(node, path) : node;
    if (Array.isArray(node)) {
      return Promise.all(node.map(async (item, index) => walk(item, [...path, index])));
    }
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).map(
      async ([key, item]) => [key, await walk(item, [...path, key])] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  };

  const replace = async (text: string, path: Path): Promise<string> => {
    const parts = splitReferences(text);
    const values = await Promise.all(
      parts.map(async (part) => {
        if (part.kind === 'text') return part.text;
        const answer = await resolveOne(part.inside, configFile, world);
        if ('issue' in answer) {
          issues.push({ ...answer.issue, path });
          unresolved.add(pathKey(path));
          return part.written;
        }
        if (answer.from !== 'default')
          resolved.push({ path, value: answer.value, from: answer.from });
        return answer.value;
      }),
    );
    if (parts.some((part) => part.kind === 'reference')) written.set(pathKey(path), text);
    return values.join('');
  };

  return { value: await walk(value, []), written, unresolved, resolved, issues };
}

type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reference'; readonly written: string; readonly inside: string | undefined };

/** `inside` is undefined where the closing brace is missing. */
function splitReferences(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let position = 0;
  for (const match of text.matchAll(reference)) {
    const found = match[0];
    parts.push({ kind: 'text', text: text.slice(position, match.index) });
    position = match.index + found.length;
    if (found === '$${') parts.push({ kind: 'text', text: '${' });
    else {
      const inside = found.endsWith('}') ? match[1] : undefined;
      parts.push({ kind: 'reference', written: found, inside });
    }
  }
  parts.push({ kind: 'text', text: text.slice(position) });
  return parts;
}

type Answer =
  | { readonly value: string; readonly from: 'environment' | 'file' | 'default' }
  | { readonly issue: Omit<Issue, 'path'> };

async function resolveOne(
  inside: string | undefined,
  configFile: string,
  world: ConfigWorld,
): Promise<Answer> {
  if (inside?.startsWith('file:')) return resolveFile(inside.slice(5), configFile, world);
  const [name = '', ...rest] = (inside ?? '').split(':-');
  const otherwise = rest.length > 0 ? rest.join(':-') : undefined;
  if (!variableName.test(name)) return invalidReference(inside);
  const value = world.env[name];
  if (value !== undefined && value !== '') return { value, from: 'environment' };
  if (otherwise !== undefined) return { value: otherwise, from: 'default' };
  return {
    issue: {
      code: 'CONFIG_REFERENCE_MISSING',
      message: `found ${value === '' ? 'an empty' : 'no'} environment variable ${name}, expected it to be set`,
      hint: `Set ${name}, or write a default: \${${name}:-…}.`,
    },
  };
}

function invalidReference(inside: string | undefined): Answer {
  return {
    issue: {
      code: 'CONFIG_REFERENCE_INVALID',
      message:
        inside === undefined
          ? 'found a reference without its closing brace, expected `}`'
          : 'found a reference of unknown form, expected ${NAME}, ${NAME:-default} or ${file:path}',
      hint: 'Write $${ where a plain ${ is meant.',
    },
  };
}

async function resolveFile(path: string, configFile: string, world: ConfigWorld): Promise<Answer> {
  if (path === '') return invalidReference('');
  const missing = (found: string, hint: string): Answer => ({
    issue: {
      code: 'CONFIG_REFERENCE_MISSING',
      message: `found ${found} at ${path}, expected a file that holds the value`,
      hint,
    },
  });
  try {
    const text = (await world.readFile(resolve(dirname(configFile), path))).replace(/\r?\n$/, '');
    if (text === '') return missing('an empty file', 'Write the value into it.');
    if (text.length > longestFileValue) {
      return missing(`over ${longestFileValue} characters`, 'Name the file of the value alone.');
    }
    return { value: text, from: 'file' };
  } catch {
    return missing(
      'no readable file',
      'Paths are taken from the folder of the config; check that the file is there and may be read.',
    );
  }
}
