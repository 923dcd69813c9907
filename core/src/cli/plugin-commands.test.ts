// What an integrator types first: a new package of every shape passes its report card at once, and what
// is broken in it is named, with why it matters and where to look.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from './main.ts';
import { licenses, shapes } from './plugin/shapes.ts';
import type { ReportCard } from './plugin/report-card.ts';

let folder = '';

beforeAll(async () => {
  // Below the workspace, so that the SDK is found as it is in a user's folder.
  const cache = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url));
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'tributary-plugin-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...words: string[]): Promise<Run> {
  let [out, err] = ['', ''];
  const code = await main(words, {
    out: (text) => (out += `${text}\n`),
    err: (text) => (err += `${text}\n`),
    env: {},
    now: () => Date.UTC(2026, 0, 1),
  });
  return { code, out, err };
}

async function make(kind: string, shape: string, name: string): Promise<string> {
  const target = join(folder, `${name}-${shape}`);
  const made = await run('plugin', 'new', kind, name, '--shape', shape, '--folder', target);
  expect(made).toMatchObject({ code: 0, err: '' });
  return target;
}

async function cardOf(target: string): Promise<ReportCard> {
  const { out } = await run('plugin', 'test', target, '--json');
  const card: ReportCard = JSON.parse(out);
  return card;
}

async function change(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

const all = Object.entries(shapes).flatMap(([kind, names]) => names.map((shape) => [kind, shape]));

describe.each(all)('a new %s, shape %s', (kind, shape) => {
  test('passes its report card, and nothing of the template’s vendor is left', async () => {
    const target = await make(kind, shape, 'blue-lagoon');
    const { code, out } = await run('plugin', 'test', target);
    expect(out).toMatch(/\n\d+ passed, 0 failed, \d+ skipped\.\n$/);
    expect(code).toBe(0);
    for (const entry of await readdir(target, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
      expect(`${entry.name}: ${/[Aa]cme|ACME|PACKAGE/.exec(text)?.[0] ?? 'nothing'}`).toMatch(
        /nothing$/,
      );
    }
  });

  test('is played against the sandbox without trouble, its key masked', async () => {
    const target = join(folder, `blue-lagoon-${shape}`);
    const { code, out } = await run('plugin', 'dev', target, '--once');
    expect(out).toMatch(/played, all as it should be\.\n$/);
    expect(code).toBe(0);
    expect(out).not.toContain('a-key-for-tests');
  });
});

describe('a package', () => {
  test('holds what a stranger needs', async () => {
    const target = await make('destination', 'list', 'whole');
    for (const file of [
      '.gitignore',
      '.github/workflows/ci.yml',
      'LICENSE',
      'README.md',
      'package.json',
      'tsconfig.json',
      'src/examples.ts',
      'test/map.test.ts',
    ]) {
      expect([file, existsSync(join(target, file))]).toEqual([file, true]);
    }
    const manifest: unknown = JSON.parse(await readFile(join(target, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({
      name: 'tributary-destination-whole',
      keywords: ['tributary-plugin', 'tributary-destination', 'whole'],
      license: 'Apache-2.0',
      peerDependencies: { '@tributary/sdk': expect.stringMatching(/^\^\d/) },
    });
  });

  test.each(licenses)('under %s', async (license) => {
    const target = join(folder, `licensed-${license}`);
    const made = await run(
      'plugin',
      'new',
      'source',
      'shop',
      '--scope',
      '@acme-corp',
      '--folder',
      target,
      '--license',
      license,
    );
    expect(made.out).toContain(
      '@acme-corp/tributary-source-shop, a source (webhook), is laid out in',
    );
    expect(made.out).toMatch(/ {2}cd .*\n {2}npm install\n {2}npm test\n/);
    expect(existsSync(join(target, 'LICENSE'))).toBe(license !== 'UNLICENSED');
  });

  test('is never written over something', async () => {
    const target = await make('source', 'poll', 'twice');
    const again = await run('plugin', 'new', 'source', 'twice', '--folder', target);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('with something in it') });
  });

  test.each([
    [['sauce', 'shop'], 'KIND: found "sauce"'],
    [['source', 'My Shop'], 'NAME: found "My Shop"'],
    [['source', '../shop'], 'NAME: found "../shop"'],
    [['source', 'shop', '--shape', 'list'], '--shape: found "list"'],
    [['source', 'shop', '--license', 'GPL'], '--license: found "GPL"'],
    [['source', 'shop', '--scope', 'acme'], '--scope: found "acme"'],
  ])('is refused: %j', async (words, message) => {
    expect(await run('plugin', 'new', ...words)).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
    });
  });
});

describe('the report card', () => {
  test('names what is broken, why it matters and where to look', async () => {
    const target = await make('destination', 'list', 'broken');
    await change(
      join(target, 'src/map.ts'),
      "{ kind: 'in_doubt', reason",
      "{ kind: 'delivered' } ?? { reason",
    );
    await change(join(target, 'package.json'), '"tributary-plugin",', '');
    const { code, out } = await run('plugin', 'test', target);
    expect(code).toBe(1);
    expect(out).toContain('✗ package: can be found by people');
    expect(out).toMatch(
      /✗ audiences\.add: does not take an answer it cannot read.*\n +found .*\n +why .*proxy.*\n +look /,
    );
    const card = await cardOf(target);
    expect(card).toMatchObject({ kind: 'destination', plugin: 'broken' });
    expect(card.failed).toBeGreaterThan(1);
    expect(card.checks.filter(({ result }) => result === 'failed').every(({ why }) => why)).toBe(
      true,
    );
  });

  test('names the way of working that has no example, and what to add', async () => {
    const target = await make('source', 'stream', 'unshown');
    const file = join(target, 'src/examples.ts');
    const text = await readFile(file, 'utf8');
    await writeFile(file, `${text.slice(0, text.indexOf('  examples: ['))}  examples: [],\n};\n`);
    const { code, out } = await run('plugin', 'test', target);
    expect(code).toBe(1);
    expect(out).toMatch(
      /✗ has an example for each way it works\n +found .*for stream: add to `examples` of the cases.*\n +why .*\n +look {3}`examples` of the cases/,
    );
  });

  test('says what is missing where there are no cases, or no plugin', async () => {
    const target = await make('source', 'stream', 'bare');
    await rm(join(target, 'src/examples.ts'));
    expect((await run('plugin', 'test', target)).err).toContain('PLUGIN_CASES_MISSING');
    expect((await run('plugin', 'test', join(folder, 'nowhere'))).err).toContain(
      'PLUGIN_NOT_FOUND',
    );
    const other = await make('source', 'stream', 'empty');
    await writeFile(join(other, 'src/index.ts'), 'export default {};\n');
    expect((await run('plugin', 'test', other)).err).toContain('PLUGIN_INVALID');
  });
});

describe('plugin dev', () => {
  test('shows trouble, and ends with 1', async () => {
    const target = await make('source', 'webhook', 'troubled');
    await change(join(target, 'src/map.ts'), "namespace: 'email'", "namespace: ''");
    const { code, out } = await run('plugin', 'dev', target, '--once');
    expect(code).toBe(1);
    expect(out).toContain('an identifier has no namespace');
  });

  test('makes people up', async () => {
    const target = await make('destination', 'list', 'crowd');
    const { out } = await run('plugin', 'dev', target, '--once', '--people', '3');
    expect(out).toContain('✓ person-3@example.com  delivered');
    const wrong = await run('plugin', 'dev', target, '--once', '--people', 'many');
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('--people') });
  });
});
