// Finds the file that a plugin's name in config leads to, and checks that its package was made for
// this SDK, before any of its code runs.
import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { PluginProblem } from './plugin-problem.ts';
import { satisfiesRange } from './version-range.ts';

const sdkName = '@tributary/sdk';

export type Finding = { readonly file: string } | { readonly problem: PluginProblem };

/** @param name a package, or a path relative to the config file that begins with `./` or `../`. */
export function findPlugin(name: string, configFile: string): Finding {
  const configUrl = pathToFileURL(configFile);
  if (isPathLike(name)) return resolveFile(name, configUrl);
  if (!/^(@[\w.-]+\/)?[\w.-]+(\/[\w./-]+)?$/.test(name)) return { problem: badName };
  const manifest = findManifest(name, configFile);
  if (!manifest) return { problem: notFound(name) };
  return checkPeer(name, manifest) ?? resolveFile(name, configUrl);
}

export function isPathLike(name: string): boolean {
  return name.startsWith('./') || name.startsWith('../') || name.startsWith('/');
}

/** The package.json of a package, looked for from the config's folder on. */
export function findManifest(name: string, configFile: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(configFile));
  } catch {
    return undefined;
  }
}

function checkPeer(name: string, manifest: string): Finding | undefined {
  const range = peerRange(manifest);
  const version = sdkVersion();
  if (range !== undefined && satisfiesRange(version, range)) return undefined;
  const found =
    range === undefined ? `no peer dependency on ${sdkName}` : `${sdkName} "${range}" as its peer`;
  return {
    problem: {
      code: 'PLUGIN_SDK_MISMATCH',
      message: `found ${found} in the package.json of ${name}, expected a range that holds ${version}`,
      hint: `Install a version of ${name} that was made for ${sdkName} ${version}.`,
    },
  };
}

function peerRange(manifest: string): string | undefined {
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  const peers = field(content, 'peerDependencies');
  const range = field(peers, sdkName);
  return typeof range === 'string' ? range : undefined;
}

function sdkVersion(): string {
  const manifest = findPackageJSON(sdkName, import.meta.url);
  if (manifest === undefined) throw new Error(`${sdkName} is not installed beside the hub`);
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  return String(field(content, 'version'));
}

function resolveFile(name: string, configUrl: URL): Finding {
  try {
    return { file: createRequire(configUrl).resolve(name) };
  } catch (error) {
    return { problem: resolveProblem(name, error) };
  }
}

/** `require` conditions are used from here, so `import` alone in `exports` leads nowhere. */
function resolveProblem(name: string, error: unknown): PluginProblem {
  const code = field(error, 'code');
  if (code === 'MODULE_NOT_FOUND' && isPathLike(name)) return notFound(name);
  if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
    return {
      code: 'PLUGIN_NOT_RESOLVED',
      message: `found no "default" condition in the "exports" of ${name}, expected one`,
      hint: 'Its package.json needs `"exports": { ".": { "default": "./dist/index.js" } }`; `import` alone is not enough.',
    };
  }
  return {
    code: 'PLUGIN_NOT_RESOLVED',
    message: `found ${name} installed, but not the file that its package.json names, expected it`,
    hint: 'Build the package, or install it again.',
  };
}

const badName: PluginProblem = {
  code: 'PLUGIN_NOT_FOUND',
  message: 'found neither the name of a package nor a path, expected one of them',
  hint: 'A path begins with `./` or `../`.',
};

function notFound(name: string): PluginProblem {
  const hint = isPathLike(name)
    ? 'Paths are taken from the folder of the config.'
    : `Install it beside the config: npm install ${name}`;
  return {
    code: 'PLUGIN_NOT_FOUND',
    message: `found no ${isPathLike(name) ? 'file' : 'package'} ${name}, expected it to be installed`,
    hint,
  };
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
