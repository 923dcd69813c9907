// Loads one plugin by the name that config gives it; ours are loaded exactly as a stranger's. Nothing
// here throws: what is wrong comes back, so that the problems of all plugins are told together.
import { pathToFileURL } from 'node:url';
import { attributed } from './attribution.ts';
import { checkPlugin, type Checked, type PluginKind } from './check-plugin.ts';
import { findPlugin } from './find-plugin.ts';
import { failureText, type PluginProblem } from './plugin-problem.ts';
import { timedOut, within } from './within.ts';

export interface PluginToLoad {
  readonly name: string;
  readonly kind: PluginKind;
  /** Absolute; the plugin is looked for from here. */
  readonly configFile: string;
  /** For a module that waits at its top level. Default 10,000. */
  readonly timeoutMs?: number;
}

export type LoadPlugin = (request: PluginToLoad) => Promise<Checked>;

export const loadPlugin: LoadPlugin = async ({ name, kind, configFile, timeoutMs = 10_000 }) => {
  const found = findPlugin(name, configFile);
  if ('problem' in found) return found;
  try {
    const loading = attributed(
      name,
      async (): Promise<unknown> => import(pathToFileURL(found.file).href),
    );
    const exported = await within(loading, timeoutMs);
    if (exported === timedOut) return { problem: neverLoaded(name, timeoutMs) };
    return checkPlugin(exported, name, kind);
  } catch (error) {
    return { problem: failed(name, error) };
  }
};

function neverLoaded(name: string, timeoutMs: number): PluginProblem {
  return {
    code: 'PLUGIN_LOAD_TIMEOUT',
    message: `found ${name} still loading after ${timeoutMs / 1_000} s, expected it to load at once`,
    hint: 'It probably awaits something at its top level; that belongs into `open`.',
  };
}

function failed(name: string, error: unknown): PluginProblem {
  return {
    code: 'PLUGIN_LOAD_FAILED',
    message: `found an error while loading ${name} (${failureText(error)}), expected it to load`,
    hint: loadHint(error),
  };
}

function loadHint(error: unknown): string {
  const code: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  if (code === 'ERR_MODULE_NOT_FOUND')
    return 'One of its own dependencies is missing: install it again.';
  if (code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING') {
    return 'Node runs no TypeScript below node_modules: the package must be built to JavaScript.';
  }
  if (error instanceof SyntaxError) return 'The file cannot be parsed; build the package again.';
  return 'The error is the plugin’s own; ask its author.';
}
