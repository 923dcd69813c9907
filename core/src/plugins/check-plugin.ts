// Is what a module exports a plugin of this contract? A stranger's plugin is plain JavaScript, so
// what the types promise is looked at before the hub relies on it.
import { isPlugin, specVersion, type DestinationPlugin, type SourcePlugin } from '@tributary/sdk';
import type { PluginProblem } from './plugin-problem.ts';

export type PluginKind = 'source' | 'destination';

export type AnyPlugin = SourcePlugin | DestinationPlugin;

export type Checked<Plugin extends AnyPlugin = AnyPlugin> =
  { readonly plugin: Plugin } | { readonly problem: PluginProblem };

/** @param exported the module's namespace. */
export function checkPlugin(exported: unknown, name: string, kind: PluginKind): Checked {
  const plugin = defaultExport(exported);
  if (plugin === undefined) return { problem: noDefault(name) };
  if (!isPlugin(plugin)) return { problem: notAPlugin(name) };
  const version: unknown = plugin.specVersion;
  if (version !== specVersion) return { problem: wrongSpec(name, version) };
  if (plugin.kind !== kind) return { problem: wrongKind(name, plugin.kind, kind) };
  const missing = findMissing(plugin, kind);
  if (missing !== undefined) return { problem: incomplete(name, missing) };
  return isComplete(plugin) ? { plugin } : { problem: notAPlugin(name) };
}

/** A CommonJS package's `exports.default` arrives one level deeper. */
function defaultExport(exported: unknown): unknown {
  const first = field(exported, 'default');
  if (isPlugin(first)) return first;
  const second = field(first, 'default');
  return isPlugin(second) ? second : first;
}

/** Everything was looked at by `findMissing`; this only says so to the compiler. */
function isComplete(plugin: unknown): plugin is AnyPlugin {
  return isPlugin(plugin);
}

/** What the definition lacks, in words; undefined where it is whole. */
function findMissing(plugin: object, kind: PluginKind): string | undefined {
  if (typeof field(plugin, 'name') !== 'string') return 'a `name`';
  if (field(field(plugin, 'settings'), 'type') !== 'object') {
    return '`settings`, a JSON Schema of type object';
  }
  return kind === 'source' ? missingInSource(plugin) : missingInDestination(plugin);
}

function missingInSource(plugin: object): string | undefined {
  const http = field(plugin, 'http');
  if (http !== undefined) {
    if (typeof field(http, 'handle') !== 'function') return '`http.handle`';
    if (!Array.isArray(field(http, 'paths'))) return '`http.paths`';
  }
  const ways = [http, field(plugin, 'pull'), field(plugin, 'stream')];
  return ways.every((way) => way === undefined) ? 'one of `http`, `pull`, `stream`' : undefined;
}

function missingInDestination(plugin: object): string | undefined {
  const identifiers = field(plugin, 'identifiers');
  if (!Array.isArray(identifiers) || identifiers.length === 0) return '`identifiers`';
  if (typeof field(plugin, 'channel') !== 'string') return 'a `channel`';
  const audiences = field(plugin, 'audiences');
  if (audiences === undefined) return undefined;
  if (typeof field(audiences, 'add') !== 'function') return '`audiences.add`';
  const removes = typeof field(audiences, 'remove') === 'function';
  return field(audiences, 'mode') === 'append' || removes ? undefined : '`audiences.remove`';
}

function noDefault(name: string): PluginProblem {
  return {
    code: 'PLUGIN_EXPORT_MISSING',
    message: `found no default export in ${name}, expected a plugin`,
    hint: 'Its index needs `export default defineSource({ … })` or `export default defineDestination({ … })`.',
  };
}

function notAPlugin(name: string): PluginProblem {
  return {
    code: 'PLUGIN_INVALID',
    message: `found a default export in ${name} that is no plugin, expected what defineSource or defineDestination returns`,
    hint: 'Give the definition to defineSource or defineDestination of @tributary/sdk.',
  };
}

function wrongSpec(name: string, version: unknown): PluginProblem {
  return {
    code: 'PLUGIN_SPEC_MISMATCH',
    message: `found ${name} made for version ${String(version)} of the plugin contract, expected ${specVersion}`,
    hint: `Install a version of ${name} that was made for this hub, or a newer hub.`,
  };
}

function wrongKind(name: string, found: PluginKind, expected: PluginKind): PluginProblem {
  return {
    code: 'PLUGIN_WRONG_KIND',
    message: `found ${name}, a ${found}, expected a ${expected}`,
    hint: `Move the instance to \`${found}s\`.`,
  };
}

function incomplete(name: string, missing: string): PluginProblem {
  return {
    code: 'PLUGIN_INVALID',
    message: `found a definition in ${name} without ${missing}, expected it`,
    hint: 'The contract is described in @tributary/sdk; its test kit finds this.',
  };
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
