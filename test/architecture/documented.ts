// Which names a package gives to others, and which of them say nothing of themselves: re-exports are
// followed to the declaration, because that is where a reader lands.
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { parseSync, type Comment, type Directive, type Statement } from 'oxc-parser';

export interface Undocumented {
  readonly name: string;
  /** Path from the root, with forward slashes, and the line of the declaration. */
  readonly where: string;
}

type Declaration = NonNullable<
  Extract<Statement, { readonly type: 'ExportNamedDeclaration' }>['declaration']
>;

interface Module {
  readonly path: string;
  readonly source: string;
  readonly body: readonly (Statement | Directive)[];
  readonly comments: readonly Comment[];
}

/** What a name of a module is: declared there, or handed on from another. */
interface Export {
  readonly name: string;
  /** Of the declaration, `export` included; absent where the name is handed on. */
  readonly start?: number;
  readonly from?: { readonly path: string; readonly name: string };
}

/** The source files of a package's entry points, by its `exports`. */
export async function entryPoints(folder: string): Promise<string[]> {
  const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return Object.values(objectIn(manifest, 'exports'))
    .map((conditions) => textIn(conditions, 'tributary-source'))
    .filter((path) => path !== undefined)
    .map((path) => join(folder, path));
}

/** The exports of an entry point without a doc comment before their declaration. */
export async function findUndocumented(root: string, entry: string): Promise<Undocumented[]> {
  const read = createReader();
  const found: Undocumented[] = [];
  for (const name of await namesOf(read, entry)) {
    const { module, start } = await resolve(read, entry, name);
    if (hasDocComment(module, start)) continue;
    const line = module.source.slice(0, start).split('\n').length;
    const path = relative(root, module.path).split(sep).join('/');
    found.push({ name, where: `${path}:${line}` });
  }
  return found;
}

type Read = (path: string) => Promise<Module>;

function createReader(): Read {
  const known = new Map<string, Module>();
  return async (path) => {
    const module = known.get(path) ?? parse(path, await readFile(path, 'utf8'));
    known.set(path, module);
    return module;
  };
}

function parse(path: string, source: string): Module {
  const { program, errors, comments } = parseSync(path, source, { sourceType: 'module' });
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  return { path, source, body: program.body, comments };
}

async function namesOf(read: Read, path: string): Promise<string[]> {
  const { exports, all } = exportsOf(await read(path));
  const further = await Promise.all(all.map(async (from) => namesOf(read, from)));
  return [...new Set([...exports.map(({ name }) => name), ...further.flat()])];
}

async function resolve(
  read: Read,
  path: string,
  name: string,
): Promise<{ readonly module: Module; readonly start: number }> {
  const module = await read(path);
  const { exports, all } = exportsOf(module);
  // Of several declarations of one name (overloads) the first speaks for all.
  const own = exports.find((one) => one.name === name);
  if (own?.start !== undefined) return { module, start: own.start };
  if (own?.from) return resolve(read, own.from.path, own.from.name);
  for (const from of all) {
    if ((await namesOf(read, from)).includes(name)) return resolve(read, from, name);
  }
  throw new Error(`${path}: ${name} is exported, and no declaration of it was found`);
}

function exportsOf(module: Module): { readonly exports: Export[]; readonly all: string[] } {
  const exports: Export[] = [];
  const all: string[] = [];
  for (const statement of module.body) {
    switch (statement.type) {
      case 'ExportAllDeclaration':
        all.push(join(dirname(module.path), statement.source.value));
        break;
      case 'ExportDefaultDeclaration':
        exports.push({ name: 'default', start: statement.start });
        break;
      case 'ExportNamedDeclaration':
        exports.push(...namedExports(module, statement));
        break;
      default:
    }
  }
  return { exports, all };
}

function namedExports(
  module: Module,
  statement: Extract<Statement, { readonly type: 'ExportNamedDeclaration' }>,
): Export[] {
  const { declaration, source, specifiers, start } = statement;
  if (declaration) return namesDeclared(declaration).map((name) => ({ name, start }));
  return specifiers.map(({ local, exported }) => {
    const name = nameOf(exported);
    if (source) {
      const path = join(dirname(module.path), source.value);
      return { name, from: { path, name: nameOf(local) } };
    }
    const declared = module.body.find(
      (other) => isDeclaration(other) && namesDeclared(other).includes(nameOf(local)),
    );
    return { name, start: declared?.start ?? start };
  });
}

function isDeclaration(node: Statement | Directive): node is Statement & Declaration {
  return node.type.endsWith('Declaration') && !/^(Import|Export)/.test(node.type);
}

function namesDeclared(declaration: Declaration): string[] {
  if (declaration.type === 'VariableDeclaration') {
    return declaration.declarations.flatMap(({ id }) =>
      id.type === 'Identifier' ? [id.name] : [],
    );
  }
  if (!('id' in declaration) || declaration.id === null) return [];
  return 'name' in declaration.id ? [declaration.id.name] : [];
}

function nameOf(name: { readonly type: string }): string {
  if ('name' in name) return String(name.name);
  return 'value' in name ? String(name.value) : '';
}

/** A comment `/** … *\/` with nothing but white space between it and the declaration. */
function hasDocComment({ source, comments }: Module, start: number): boolean {
  return comments.some(
    (comment) =>
      comment.type === 'Block' &&
      comment.value.startsWith('*') &&
      comment.end <= start &&
      source.slice(comment.end, start).trim() === '',
  );
}

function objectIn(value: unknown, name: string): object {
  const found: unknown = typeof value === 'object' && value ? Reflect.get(value, name) : undefined;
  return typeof found === 'object' && found !== null ? found : {};
}

function textIn(value: unknown, name: string): string | undefined {
  const found: unknown = typeof value === 'object' && value ? Reflect.get(value, name) : undefined;
  return typeof found === 'string' ? found : undefined;
}
