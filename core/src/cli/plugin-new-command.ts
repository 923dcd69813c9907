// `tributary plugin new`: a package that passes its tests before its author has written a line.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { jsonOption, tell, UsageError, type Command, type CommandInput } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { hubVersion } from './hub-version.ts';
import {
  layOut,
  licenses,
  shapes,
  type Layout,
  type License,
  type PluginKind,
} from './plugin/shapes.ts';

export const pluginNewCommand: Command = {
  name: 'plugin new',
  summary: 'Lays out a package for a new source or destination.',
  positionals: ['KIND', 'NAME'],
  options: {
    shape: {
      type: 'string',
      value: 'SHAPE',
      description:
        'source: webhook, poll or stream; destination: list or action. Default: the first',
    },
    scope: { type: 'string', value: '@SCOPE', description: 'npm scope of the package' },
    folder: { type: 'string', value: 'FOLDER', description: "default: the package's name" },
    license: {
      type: 'string',
      value: 'ID',
      description: `${licenses.join(', ')}; the first is the default`,
    },
    json: jsonOption,
  },
  details:
    'KIND is source or destination; NAME is the vendor, in lower case: letters, digits and hyphens. Nothing\nthat exists is overwritten.',
  examples: [
    'tributary plugin new destination acme',
    'tributary plugin new source acme --shape poll --scope @acme-corp --license MIT',
  ],
  async run(input, terminal) {
    const layout = await readLayout(input);
    const folder = resolve(input.text('folder') ?? unscoped(layout.packageName));
    refuseToOverwrite(folder);
    const files = layOut(layout);
    for (const { path, text } of files) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      // `wx`: never over a file that has come since.
      writeFileSync(file, text, { flag: 'wx' });
    }
    const shown = relative('', folder) || '.';
    tell(
      { package: layout.packageName, folder, files: files.map(({ path }) => path) },
      [
        `${layout.packageName}, a ${layout.kind} (${layout.shape}), is laid out in ${shown}. Next:`,
        '',
        `  cd ${shown}`,
        '  npm install',
        '  npm test',
        '',
        'Then begin with src/examples.ts: what comes in, and what is to come out.',
      ].join('\n'),
      { input, terminal },
    );
    return exitCodes.ok;
  },
};

async function readLayout(input: CommandInput): Promise<Layout> {
  const [kindWord = '', name = ''] = input.positionals;
  const kind = oneOf<PluginKind>('KIND', kindWord, ['source', 'destination']);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 60) {
    throw new UsageError(
      `NAME: found "${name}", expected up to 60 lower-case letters, digits and single hyphens, a letter first.`,
    );
  }
  const scope = input.text('scope');
  if (scope !== undefined && !/^@[a-z0-9][a-z0-9._-]{0,100}$/.test(scope)) {
    throw new UsageError(`--scope: found "${scope}", expected a scope of npm such as @acme-corp.`);
  }
  const bare = `tributary-${kind}-${name}`;
  return {
    kind,
    name,
    shape: oneOf('--shape', input.text('shape') ?? shapes[kind][0], shapes[kind]),
    packageName: scope === undefined ? bare : `${scope}/${bare}`,
    license: oneOf<License>('--license', input.text('license') ?? licenses[0], licenses),
    version: await hubVersion(),
  };
}

function oneOf<Word extends string>(what: string, given: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  throw new UsageError(`${what}: found "${given}", expected one of ${words.join(', ')}.`);
}

function refuseToOverwrite(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new UsageError(
    `${relative('', folder) || folder}: found a folder with something in it, expected none. Choose another with --folder.`,
  );
}

function unscoped(packageName: string): string {
  return packageName.split('/').at(-1) ?? packageName;
}
