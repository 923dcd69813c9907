// What `tributary plugin new` can lay out, and how a name is put into it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const shapes = {
  source: ['webhook', 'poll', 'stream'],
  destination: ['list', 'action'],
} as const;
export type PluginKind = keyof typeof shapes;

export const licenses = ['Apache-2.0', 'MIT', 'UNLICENSED'] as const;
export type License = (typeof licenses)[number];

/** Beside `src` and `dist` alike. */
const templates = fileURLToPath(new URL('../../../templates', import.meta.url));

export interface LayoutFile {
  readonly path: string;
  readonly text: string;
}

export interface Layout {
  readonly kind: PluginKind;
  readonly shape: string;
  /** Kebab-case, the package's word for itself. */
  readonly name: string;
  readonly packageName: string;
  readonly license: License;
  /** Of the hub and the SDK that it is made for. */
  readonly version: string;
}

/** Every file of a new package, the templates' vendor renamed. */
export function layOut(layout: Layout): LayoutFile[] {
  const { kind, shape, license } = layout;
  const common = readFolder(join(templates, 'common')).filter(
    ({ path }) => !path.startsWith('licenses/'),
  );
  const own = readFolder(join(templates, `${kind}-${shape}`));
  const files = [...common, ...own].map(({ path, text }) => ({
    // npm publishes neither `.gitignore` nor hidden folders as they are.
    path: path.replace(/^_/, '.'),
    text: rename(text, layout),
  }));
  const manifest = `${JSON.stringify(packageJson(layout), undefined, 2)}\n`;
  const terms = license === 'UNLICENSED' ? [] : [{ path: 'LICENSE', text: termsOf(license) }];
  return [{ path: 'package.json', text: manifest }, ...files, ...terms];
}

function readFolder(folder: string): LayoutFile[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = file.slice(folder.length + 1).replaceAll('\\', '/');
      return { path, text: readFileSync(file, 'utf8') };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function termsOf(license: License): string {
  return readFileSync(join(templates, 'common/licenses', `${license}.txt`), 'utf8');
}

function rename(text: string, { name, packageName }: Layout): string {
  const words = name.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  const identifier = name.replaceAll('-', '_');
  return text
    .replaceAll('ACME', identifier.toUpperCase())
    .replaceAll('AcmeEvent', `${words.join('')}Event`)
    .replaceAll('Acme', words.join(' '))
    .replaceAll('acme_id', `${identifier}_id`)
    .replaceAll('acme', name)
    .replaceAll('PACKAGE', packageName.startsWith('@') ? `'${packageName}'` : packageName)
    .replaceAll(`npm install '${packageName}'`, `npm install ${packageName}`);
}

function packageJson({ kind, name, packageName, license, version }: Layout): object {
  const conditions = (file: string): object => ({
    // What the hub and its tools take while they work in this folder.
    'tributary-source': `./src/${file}.ts`,
    types: `./dist/${file}.d.ts`,
    default: `./dist/${file}.js`,
  });
  return {
    name: packageName,
    version: '0.1.0',
    description: `A ${kind} for Tributary: ${name}.`,
    license,
    ...(license === 'UNLICENSED' ? { private: true } : {}),
    type: 'module',
    engines: { node: '>=24' },
    keywords: ['tributary-plugin', `tributary-${kind}`, name],
    exports: {
      '.': conditions('index'),
      './cases': conditions('examples'),
      './package.json': './package.json',
    },
    files: ['dist', 'README.md', ...(license === 'UNLICENSED' ? [] : ['LICENSE'])],
    scripts: {
      test: 'tributary plugin test . && node --test "test/**/*.test.ts"',
      dev: 'tributary plugin dev .',
      check: 'tsc --noEmit',
      build: 'tsc --project tsconfig.build.json',
      prepack: 'npm run build',
    },
    peerDependencies: { '@tributary/sdk': `^${version}` },
    devDependencies: {
      '@tributary/core': `^${version}`,
      '@tributary/sdk': `^${version}`,
      '@types/node': '^24.0.0',
      typescript: '^7.0.2',
    },
    // The hub brings the Node that it runs on; newer npm asks before a package may do so.
    allowScripts: { node: true },
  };
}
