// Configs that are wrong, hostile or lead to plugins that are: told by the command that people run, with
// a stable code and the place, and never more than bounded work.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../core/src/cli/main.ts';
import { workspaceRoot } from '../tools/workspace.ts';

let folder = '';
beforeAll(async () => {
  const cache = join(workspaceRoot, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'tributary-bad-config-'));
  for (const [name, text] of Object.entries(plugins)) {
    await writeFile(join(folder, `${name}.ts`), text);
  }
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const define = (more: string): string => `
import { defineSource } from '@tributary/sdk';
export default defineSource({ name: 'bad', title: 'Bad', settings: { type: 'object' }, http: { paths: ['/'], handle: () => ({ answer: { status: 200 } }) }, ${more} });
`;
const plugins = {
  throws: `throw new Error('no sooner loaded than thrown');`,
  syntax: `export default defineSource({`,
  nothing: `export const other = 1;`,
  stranger: `export default { kind: 'source', specVersion: 1, name: 'x' };`,
  schema: define(`settings: { type: 'object', properties: { a: { type: 'nonsense' } } }`),
  judge: define(`validate: () => { throw new Error('it cannot judge'); }`),
  nonsense: define(`validate: () => 'all is well'`),
  tests: define(`testSettings: async () => { throw new Error('it cannot test'); }`),
  future: `
import { defineSource } from '@tributary/sdk';
export default Object.assign(defineSource({ name: 'bad', title: 'Bad', settings: { type: 'object' } }), { specVersion: 99 });
`,
};

const base = `tributary: 1\nhub: { name: bad, store: { folder: ./data } }\n`;
const source = (plugin: string): string =>
  `${base}sources:\n  bad: { plugin: ${plugin}, settings: {} }\n`;

const laughs = Array.from({ length: 9 }, (_, level) => {
  const items = level === 0 ? '"lol"' : Array.from({ length: 9 }, () => `*a${level - 1}`).join(',');
  return `a${level}: &a${level} [${items}]`;
}).join('\n');

interface Row {
  readonly what: string;
  readonly text: string;
  /** Codes that are told, in the order of the file. */
  readonly codes: readonly string[];
  readonly exit?: number;
  readonly options?: readonly string[];
}

const rows: readonly Row[] = [
  {
    what: 'a key twice',
    text: `${base}purposes: { a: A, a: B }\n`,
    codes: ['CONFIG_DUPLICATE_KEY'],
  },
  {
    what: 'a billion laughs',
    text: `${base}${laughs}\n`,
    codes: Array.from({ length: 9 }, () => 'CONFIG_ALIAS_REFUSED'),
  },
  {
    what: 'an anchor and its alias',
    text: `${base}purposes: &p { a: A }\naudiences: *p\n`,
    codes: ['CONFIG_ALIAS_REFUSED', 'CONFIG_ALIAS_REFUSED'],
  },
  {
    what: 'a merge key',
    text: `${base}purposes: { <<: { a: A } }\n`,
    codes: ['CONFIG_ALIAS_REFUSED'],
  },
  {
    what: 'a tag that makes code',
    text: `${base}purposes: !!js/function 'x'\n`,
    codes: ['CONFIG_TAG_REFUSED'],
  },
  {
    what: 'nesting of 5,000 levels',
    text: `${base}purposes: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`,
    codes: ['CONFIG_SYNTAX'],
  },
  {
    what: 'a file of 2 MB',
    text: `${base}# ${'x'.repeat(2_000_000)}\n`,
    codes: ['CONFIG_TOO_LARGE'],
  },
  { what: 'nothing', text: '', codes: ['CONFIG_VALUE_INVALID'] },
  { what: 'a list', text: '- 1\n', codes: ['CONFIG_VALUE_INVALID'] },
  { what: 'two documents', text: `${base}---\n${base}`, codes: ['CONFIG_SYNTAX'] },
  { what: 'bytes that are no text', text: '\u0000\u0001\ufffd', codes: ['CONFIG_VALUE_INVALID'] },
  {
    what: '__proto__ as a key',
    text: `${base}__proto__: { polluted: 1 }\n`,
    codes: ['CONFIG_KEY_UNKNOWN'],
  },
  {
    what: '__proto__ as a source',
    text: `${base}sources:\n  __proto__: { plugin: '@tributary/source-http', settings: {} }\n`,
    codes: ['CONFIG_VALUE_INVALID', 'CONFIG_KEY_MISSING'],
  },
  {
    what: 'a file that is a reference to itself',
    text: `${base}purposes: { a: '\${file:./hub.yaml}' }\nnonsense: 1\n`,
    codes: ['CONFIG_KEY_UNKNOWN'],
  },
  {
    what: 'a secret that is missing',
    text: `${base}sources:\n  web: { plugin: '@tributary/source-http', settings: { writeKeys: [{ key: '\${NOT_SET}', kind: server }] } }\n`,
    codes: ['CONFIG_REFERENCE_MISSING'],
  },
  {
    what: 'an unknown plugin',
    text: source("'@tributary/source-htpp'"),
    codes: ['PLUGIN_NOT_FOUND'],
  },
  {
    what: 'a plugin that throws when it is loaded',
    text: source('./throws.ts'),
    codes: ['PLUGIN_LOAD_FAILED'],
  },
  { what: 'a plugin with half a line', text: source('./syntax.ts'), codes: ['PLUGIN_LOAD_FAILED'] },
  {
    what: 'a plugin that exports something else',
    text: source('./nothing.ts'),
    codes: ['PLUGIN_EXPORT_MISSING'],
  },
  { what: 'a look-alike of a plugin', text: source('./stranger.ts'), codes: ['PLUGIN_INVALID'] },
  {
    what: 'a plugin of a contract to come',
    text: source('./future.ts'),
    codes: ['PLUGIN_SPEC_MISMATCH'],
  },
  { what: 'a plugin whose schema is none', text: source('./schema.ts'), codes: ['PLUGIN_INVALID'] },
  {
    what: 'a plugin that fails to judge its settings',
    text: source('./judge.ts'),
    codes: ['PLUGIN_SETTINGS_REFUSED'],
  },
  {
    what: 'a plugin that judges with nonsense',
    text: source('./nonsense.ts'),
    codes: ['PLUGIN_SETTINGS_REFUSED'],
  },
  {
    what: 'a plugin whose tests fail to run',
    text: source('./tests.ts'),
    codes: ['SETTINGS_TEST_FAILED'],
    exit: 1,
    options: ['--tests'],
  },
  {
    what: 'all that is wrong at once, in the order of the file',
    text: `${base}audiences: { a: { rule: { trait: x, lessThan: } } }\nsources:\n  x: { plugin: ./nowhere.ts, settings: {} }\n  web: { plugin: '@tributary/source-http', settings: { writeKeys: [] } }\nnonsense: 1\n`,
    codes: [
      'CONFIG_RULE_INVALID',
      'PLUGIN_NOT_FOUND',
      'CONFIG_VALUE_INVALID',
      'CONFIG_KEY_UNKNOWN',
    ],
  },
];

it.each(rows)('$what', async ({ text, codes, exit = 3, options = [] }) => {
  const file = join(folder, 'hub.yaml');
  await writeFile(file, text);
  const told: string[] = [];
  const terminal = {
    out: (line: string) => void told.push(line),
    err: (line: string) => void told.push(line),
    env: {},
    now: () => 0,
  };
  expect(await main(['check', ...options, file], terminal)).toBe(exit);
  const all = told.join('\n');
  expect(
    [...all.matchAll(/hub\.yaml:\d+:\d+ {2}([A-Z_]+)|^(SETTINGS_[A-Z_]+)/gm)].map(
      ([, code, other]) => code ?? other,
    ),
  ).toEqual(codes);
  expect({}).not.toHaveProperty('polluted');
});
