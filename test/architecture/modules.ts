// Reads which modules there are and what each one imports, with a real parser: a regular expression
// would miss `import('…')` in a type and find imports in comments.
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, posix, relative, sep } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

export interface Import {
  readonly specifier: string;
  /** Path from the root of what a relative specifier names; absent for a package. */
  readonly path?: string;
  readonly line: number;
}

export interface Module {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  readonly imports: readonly Import[];
}

const patterns = ['sdk/src/**/*.ts', 'core/src/**/*.ts', 'plugins/*/src/**/*.ts', 'test/**/*.ts'];

/** Every module of the workspace below `root`. */
export async function loadModules(root: string): Promise<Module[]> {
  const modules: Module[] = [];
  for await (const found of glob(patterns, {
    cwd: root,
    exclude: ['**/node_modules', '**/dist'],
  })) {
    const path = found.split(sep).join('/');
    if (path.startsWith('test/architecture/fixtures/')) continue;
    modules.push({ path, imports: readImports(path, await readFile(join(root, found), 'utf8')) });
  }
  return modules.sort((a, b) => a.path.localeCompare(b.path));
}

/** What one source text imports: statements, re-exports, `import()`, import types and `require`. */
export function readImports(path: string, source: string): Import[] {
  const { program, errors } = parseSync(path, source, { sourceType: 'module' });
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const found: Import[] = [];
  const add = (node: { readonly type: string } | null): void => {
    const literal = asTextLiteral(node);
    if (literal) found.push(describeImport(path, source, literal.value, literal.start));
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    CallExpression: (node) => {
      const argument = node.arguments[0];
      if (isRequire(node.callee) && argument) add(argument);
    },
  }).visit(program);
  return found.sort((a, b) => a.line - b.line);
}

function asTextLiteral(
  node: { readonly type: string } | null,
): { value: string; start: number } | undefined {
  if (node?.type !== 'Literal' || !('value' in node) || !('start' in node)) return undefined;
  const { value, start } = node;
  return typeof value === 'string' && typeof start === 'number' ? { value, start } : undefined;
}

function isRequire(callee: { readonly type: string }): boolean {
  return callee.type === 'Identifier' && 'name' in callee && callee.name === 'require';
}

function describeImport(from: string, source: string, specifier: string, start: number): Import {
  const line = source.slice(0, start).split('\n').length;
  if (!specifier.startsWith('.')) return { specifier, line };
  return { specifier, line, path: posix.normalize(posix.join(posix.dirname(from), specifier)) };
}

/** Dependencies each package names in its package.json, by the folder of the package. */
export async function loadDependencies(root: string): Promise<Map<string, ReadonlySet<string>>> {
  const dependencies = new Map<string, ReadonlySet<string>>();
  for await (const file of glob(['{sdk,core}/package.json', 'plugins/*/package.json'], {
    cwd: root,
  })) {
    const manifest: unknown = JSON.parse(await readFile(join(root, file), 'utf8'));
    const folder = relative('', dirname(file)).split(sep).join('/');
    dependencies.set(
      folder,
      new Set([...namesIn(manifest, 'dependencies'), ...namesIn(manifest, 'peerDependencies')]),
    );
  }
  return dependencies;
}

function namesIn(manifest: unknown, field: string): string[] {
  if (typeof manifest !== 'object' || manifest === null) return [];
  const value: unknown = Object.entries(manifest).find(([name]) => name === field)?.[1];
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
