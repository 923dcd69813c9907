// Plugins as they lie on a disk, good and bad: each problem names the plugin, what was found and
// what to do. Packages are laid out as an installation has them.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { findPackageJSON } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PluginKind } from './check-plugin.ts';
import { loadPlugin } from './load-plugin.ts';

const good = `
import { defineSource } from '@tributary/sdk';
export default defineSource({
  name: 'good',
  title: 'Good',
  settings: { type: 'object' },
  pull: async function* () {},
});
`;

const peers = { '@tributary/sdk': '^0.1.0' };

interface Package {
  readonly manifest?: object;
  readonly code?: string;
}

let folder = '';
const configFile = (): string => join(folder, 'config/hub.yaml');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-plugins-'));
  const sdk = findPackageJSON('@tributary/sdk', import.meta.url);
  if (sdk === undefined) throw new Error('the SDK is not installed');
  await mkdir(join(folder, 'node_modules/@tributary'), { recursive: true });
  await mkdir(join(folder, 'config'));
  await symlink(dirname(sdk), join(folder, 'node_modules/@tributary/sdk'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

async function install(name: string, { manifest, code }: Package): Promise<void> {
  const root = join(folder, 'node_modules', name);
  await mkdir(root, { recursive: true });
  const standard = {
    name,
    version: '1.0.0',
    type: 'module',
    exports: { '.': { default: './index.js' } },
    peerDependencies: peers,
  };
  await writeFile(join(root, 'package.json'), JSON.stringify({ ...standard, ...manifest }));
  if (code !== undefined) await writeFile(join(root, 'index.js'), code);
}

async function load(name: string, kind: PluginKind = 'source'): ReturnType<typeof loadPlugin> {
  return loadPlugin({ name, kind, configFile: configFile(), timeoutMs: 300 });
}

describe('a good plugin', () => {
  test('is loaded as a package', async () => {
    await install('tributary-good', { code: good });
    expect(await load('tributary-good')).toMatchObject({ plugin: { name: 'good' } });
  });

  test('is loaded as TypeScript beside the config', async () => {
    await writeFile(join(folder, 'config/own.ts'), `${good}\nexport const n: number = 1;\n`);
    expect(await load('./own.ts')).toMatchObject({ plugin: { name: 'good' } });
  });

  test('is loaded as CommonJS, with a copy of the SDK’s mark of its own', async () => {
    await install('tributary-common', {
      manifest: { type: 'commonjs' },
      code: `
        const plugin = {
          name: 'common', kind: 'destination', specVersion: 1, title: 'Common',
          settings: { type: 'object' }, identifiers: ['email'], channel: 'email',
        };
        Object.defineProperty(plugin, Symbol.for('tributary.plugin'), { value: true });
        exports.default = plugin;
      `,
    });
    const loaded = await load('tributary-common', 'destination');
    expect(loaded).toMatchObject({ plugin: { name: 'common' } });
  });
});

interface BadPlugin extends Package {
  readonly title: string;
  readonly name: string;
  readonly kind?: PluginKind;
  readonly expected: string;
  readonly says: RegExp;
}

const marked = (definition: string): string => `
const plugin = ${definition};
Object.defineProperty(plugin, Symbol.for('tributary.plugin'), { value: true });
export default plugin;
`;

const badPlugins: readonly BadPlugin[] = [
  {
    title: 'no default export',
    name: 'bad-named',
    code: 'export const plugin = 1;',
    expected: 'PLUGIN_EXPORT_MISSING',
    says: /no default export in bad-named.*export default defineSource/s,
  },
  {
    title: 'a default export that is no plugin',
    name: 'bad-object',
    code: 'export default { name: "x" };',
    expected: 'PLUGIN_INVALID',
    says: /bad-object that is no plugin/,
  },
  {
    title: 'only an import condition',
    name: 'bad-exports',
    manifest: { exports: { '.': { import: './index.js' } } },
    code: good,
    expected: 'PLUGIN_NOT_RESOLVED',
    says: /no "default" condition in the "exports" of bad-exports/,
  },
  {
    title: 'another SDK as its peer',
    name: 'bad-peer',
    manifest: { peerDependencies: { '@tributary/sdk': '^7.0.0' } },
    code: 'throw new Error("must not run");',
    expected: 'PLUGIN_SDK_MISMATCH',
    says: /"\^7\.0\.0" as its peer in the package.json of bad-peer/,
  },
  {
    title: 'no peer at all',
    name: 'bad-no-peer',
    manifest: { peerDependencies: {} },
    code: good,
    expected: 'PLUGIN_SDK_MISMATCH',
    says: /no peer dependency on @tributary\/sdk/,
  },
  {
    title: 'a later version of the contract',
    name: 'bad-spec',
    code: marked(`{ name: 'x', kind: 'source', specVersion: 2, settings: { type: 'object' } }`),
    expected: 'PLUGIN_SPEC_MISMATCH',
    says: /bad-spec made for version 2 of the plugin contract, expected 1/,
  },
  {
    title: 'a source where a destination is wanted',
    name: 'tributary-good',
    kind: 'destination',
    code: good,
    expected: 'PLUGIN_WRONG_KIND',
    says: /tributary-good, a source, expected a destination.*`sources`/s,
  },
  {
    title: 'an audience that cannot be taken back',
    name: 'bad-mirror',
    kind: 'destination',
    code: marked(`{
      name: 'x', kind: 'destination', specVersion: 1, settings: { type: 'object' },
      identifiers: ['email'], channel: 'email', audiences: { mode: 'mirror', add: async () => [] },
    }`),
    expected: 'PLUGIN_INVALID',
    says: /bad-mirror without `audiences\.remove`/,
  },
  {
    title: 'a source that brings nothing',
    name: 'bad-idle',
    code: marked(`{ name: 'x', kind: 'source', specVersion: 1, settings: { type: 'object' } }`),
    expected: 'PLUGIN_INVALID',
    says: /without one of `http`, `pull`, `stream`/,
  },
  {
    title: 'an error while loading',
    name: 'bad-throw',
    code: 'throw new Error("no such thing");',
    expected: 'PLUGIN_LOAD_FAILED',
    says: /loading bad-throw \(no such thing\)/,
  },
  {
    title: 'a dependency that is missing',
    name: 'bad-dependency',
    code: 'import "not-there"; export default 1;',
    expected: 'PLUGIN_LOAD_FAILED',
    says: /One of its own dependencies is missing/,
  },
  {
    title: 'a module that never ends loading',
    name: 'bad-hang',
    code: 'await new Promise(() => setInterval(() => {}, 1e6).unref()); export default 1;',
    expected: 'PLUGIN_LOAD_TIMEOUT',
    says: /bad-hang still loading after 0\.3 s.*belongs into `open`/s,
  },
  {
    title: 'a package that was not built',
    name: 'bad-build',
    expected: 'PLUGIN_NOT_RESOLVED',
    says: /bad-build installed, but not the file.*Build the package/s,
  },
];

describe('a bad plugin', () => {
  test.each(badPlugins)('$title', async ({ name, kind, manifest, code, expected, says }) => {
    await install(name, { ...(manifest && { manifest }), ...(code !== undefined && { code }) });
    const answer = await load(name, kind);
    const problem = 'problem' in answer ? answer.problem : undefined;
    expect(problem?.code).toBe(expected);
    expect(`${problem?.message}. ${problem?.hint}`).toMatch(says);
  });

  test.each([
    ['not-installed', /no package not-installed.*npm install not-installed/s],
    ['./nowhere.ts', /no file \.\/nowhere\.ts/],
    ['node:fs', /neither the name of a package nor a path/],
    ['https://example.com/x.js', /neither the name of a package nor a path/],
  ])('that is not there: %s', async (name, says) => {
    const answer = await load(name);
    const problem = 'problem' in answer ? answer.problem : undefined;
    expect(problem?.code).toBe('PLUGIN_NOT_FOUND');
    expect(`${problem?.message}. ${problem?.hint}`).toMatch(says);
  });
});
