// A plugin's package as its author has it: found by folder or name, its plugin and its cases loaded from
// sources where they are there, else from what was built.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isPlugin } from '@tributary/sdk';
import { checkPlugin, type AnyPlugin } from '../../plugins/check-plugin.ts';
import { findManifest, isPathLike } from '../../plugins/find-plugin.ts';
import { failureText } from '../../plugins/plugin-problem.ts';

export interface PluginPackage {
  readonly folder: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly plugin: AnyPlugin;
  /** `cases` of the module `./cases`; undefined where there is none. */
  readonly cases: unknown;
}

export class PackageError extends Error {
  override readonly name = 'PackageError';
}

/** @param target a folder, or the name of a package that is installed here */
export async function loadPackage(target: string, from = process.cwd()): Promise<PluginPackage> {
  const folder = findFolder(target, from);
  const manifest = readManifest(folder);
  const entry = resolveExport(folder, manifest, '.') ?? existing(folder, 'src/index.ts');
  if (entry === undefined) {
    throw new PackageError(
      `PLUGIN_NOT_RESOLVED: ${folder}: found no file behind "exports" → ".", expected one. Build the package, or mend its package.json.`,
    );
  }
  const loaded = await load(entry);
  const kind = kindOf(loaded);
  const checked = checkPlugin(loaded, target, kind);
  if ('problem' in checked) {
    const { code, message, hint } = checked.problem;
    throw new PackageError(`${code}: ${folder}: ${message}. ${hint}`);
  }
  const casesFile =
    resolveExport(folder, manifest, './cases') ?? existing(folder, 'src/examples.ts');
  const module = casesFile === undefined ? undefined : await load(casesFile);
  return { folder, manifest, plugin: checked.plugin, cases: field(module, 'cases') };
}

function findFolder(target: string, from: string): string {
  const folder = resolve(from, target);
  if (existsSync(join(folder, 'package.json'))) return folder;
  const manifest = isPathLike(target)
    ? undefined
    : findManifest(target, join(from, 'package.json'));
  if (manifest !== undefined) return dirname(manifest);
  throw new PackageError(
    `PLUGIN_NOT_FOUND: ${target}: found neither a folder with a package.json nor an installed package, expected one of them. Name the plugin's folder: tributary plugin test ./my-plugin`,
  );
}

function readManifest(folder: string): Record<string, unknown> {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null ? { ...manifest } : {};
}

/** Node strips no types below node_modules: there only what was built can run. */
function resolveExport(folder: string, manifest: unknown, name: string): string | undefined {
  const installed = folder.split(sep).includes('node_modules');
  const conditions = field(field(manifest, 'exports'), name);
  const source = installed ? undefined : field(conditions, 'tributary-source');
  const candidates = [source, field(conditions, 'default'), conditions];
  return candidates
    .filter((path) => typeof path === 'string')
    .flatMap((path) => existing(folder, path) ?? [])[0];
}

function existing(folder: string, path: string): string | undefined {
  const file = join(folder, path);
  return existsSync(file) ? file : undefined;
}

async function load(file: string): Promise<unknown> {
  try {
    const module: unknown = await import(pathToFileURL(file).href);
    return module;
  } catch (error) {
    throw new PackageError(
      `PLUGIN_LOAD_FAILED: ${file}: found an error while loading it (${failureText(error)}), expected it to load. Mend it; missing packages come with npm install.`,
      { cause: error },
    );
  }
}

function kindOf(module: unknown): 'source' | 'destination' {
  const plugin = field(module, 'default');
  return isPlugin(plugin) && plugin.kind === 'source' ? 'source' : 'destination';
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
