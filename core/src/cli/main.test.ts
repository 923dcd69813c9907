// The command line as a person meets it: what is printed where, and the exit code.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../store/open.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { main } from './main.ts';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const now = Date.UTC(2026, 5, 1);

async function run(argv: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(argv, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env,
    now: () => now,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

let folder = '';
let config = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-cli-'));
  config = join(folder, 'hub.yaml');
  await writeFile(config, 'tributary: 1\nhub: { store: ./data }\n');
  const sdk = findPackageJSON('@tributary/sdk', import.meta.url);
  await mkdir(join(folder, 'node_modules/@tributary'), { recursive: true });
  await symlink(dirname(sdk ?? ''), join(folder, 'node_modules/@tributary/sdk'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe('help', () => {
  test.each([[[]], [['--help']], [['help']]])(
    '%j lists every command and exit code',
    async (argv) => {
      const { code, out } = await run(argv);
      expect(code).toBe(exitCodes.ok);
      for (const { name, summary } of commands)
        expect(out).toMatch(new RegExp(`^  ${name} +${RegExp.escape(summary)}$`, 'm'));
      expect(out).toContain('3  the config has problems');
    },
  );

  test.each(commands.map(({ name }) => [name]))('of %s has examples that parse', async (name) => {
    const { code, out } = await run([...name.split(' '), '--help']);
    expect(code).toBe(exitCodes.ok);
    expect(out).toContain(`Usage: tributary ${name}`);
    expect((await run(['help', ...name.split(' ')])).out).toBe(out);
    const command = commands.find((candidate) => candidate.name === name);
    expect(command?.examples.every((example) => example.startsWith(`tributary ${name}`))).toBe(
      true,
    );
  });

  test('the version is that of the package', async () => {
    const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    const { version }: { version: string } = JSON.parse(manifest);
    expect(await run(['--version'])).toEqual({ code: 0, out: version, err: '' });
  });
});

describe('a command line that is not understood', () => {
  test.each([
    [['chekc'], 'found the unknown command "chekc", expected a command. Did you mean "check"?'],
    [
      ['deadletter', 'list'],
      'unknown command "deadletter", expected a command. Did you mean "deadletters"?',
    ],
    [
      ['check', '--test', 'a'],
      "tributary check: Unknown option '--test'. Did you mean --tests? Usage: tributary check FILE",
    ],
    [['check'], 'tributary check: found no arguments, expected FILE.'],
    [['check', 'a', 'b'], 'tributary check: found "a b", expected FILE.'],
    [['check', '--all', 'a'], "tributary check: Unknown option '--all'"],
    [['audit'], 'found nothing after "audit", expected one of: tributary audit tail'],
    [['keys', 'make'], 'found "make" after "keys", expected one of: tributary keys list'],
    [['setup'], 'tributary setup: found no --config, expected --config FILE.'],
  ])('%j', async (argv, words) => {
    const { code, out, err } = await run(argv);
    expect(code).toBe(exitCodes.usage);
    expect(out).toBe('');
    expect(err).toMatch(/^CLI_USAGE: /);
    expect(err).toContain(words);
  });
});

describe('help', () => {
  test.each([
    ['profile', '--help'],
    ['profile', '-h'],
    ['help', 'profile'],
  ])('%s %s lists the commands that begin so', async (...argv) => {
    const { code, out, err } = await run(argv);
    expect({ code, err }).toEqual({ code: exitCodes.ok, err: '' });
    expect(out).toMatch(/^Usage: tributary profile COMMAND/);
    expect(out).toContain('profile show');
  });

  test('of one command says what it takes', async () => {
    expect((await run(['profile', 'show', '--help'])).out).toContain(
      'Usage: tributary profile show',
    );
    expect((await run(['start', '--help'])).out).toContain('Usage: tributary start');
  });
});

describe('--json', () => {
  /** They talk to a person, or write a script for a shell. */
  const others = new Set(['plugin dev', 'completion']);

  test.each(commands.filter(({ name }) => !others.has(name)).map((one) => [one.name, one]))(
    '%s knows it',
    (_, { options }) => {
      expect(options['json']).toMatchObject({ type: 'boolean' });
    },
  );

  test('check prints what is in a config, or all that is wrong with it', async () => {
    const right = await run(['check', '--json', config]);
    expect(right).toMatchObject({ code: exitCodes.ok, err: '' });
    expect(JSON.parse(right.out)).toEqual({
      right: true,
      problems: [],
      sources: 0,
      destinations: 0,
      audiences: 0,
      purposes: 0,
    });
    const bad = join(folder, 'bad-json.yaml');
    await writeFile(bad, 'tributary: 1\nhubb: {}\n');
    const wrong = await run(['check', '--json', bad]);
    expect(wrong).toMatchObject({ code: exitCodes.configInvalid, err: '' });
    const problem = { code: 'CONFIG_KEY_UNKNOWN', line: 2, column: 1 };
    expect(JSON.parse(wrong.out)).toMatchObject({ right: false, problems: [problem] });
  });
});

describe('check', () => {
  test('says that a config is right, and what is in it', async () => {
    const { code, out } = await run(['check', config]);
    expect(code).toBe(exitCodes.ok);
    expect(out).toBe(`${config} is right: 0 sources, 0 destinations, 0 audiences and 0 purposes.`);
  });

  test('prints all problems and ends with 3', async () => {
    const bad = join(folder, 'bad.yaml');
    await writeFile(bad, 'tributary: 1\nhubb: {}\nconsent: { gpcDenies: [adds] }\n');
    const { code, out, err } = await run(['check', bad]);
    expect(code).toBe(exitCodes.configInvalid);
    expect(out).toBe('');
    expect(err).toContain(`${bad}:2:1  CONFIG_KEY_UNKNOWN  hubb\n  2 | hubb: {}\n    | ^^^^\n`);
    expect(err).toContain(`${bad}:3:24  CONFIG_NAME_UNKNOWN`);
    expect(err).toContain('CONFIG_INVALID: 2 problems.');
  });

  test('a file that is not there is a problem of the config', async () => {
    const { code, err } = await run(['check', join(folder, 'nowhere.yaml')]);
    expect(code).toBe(exitCodes.configInvalid);
    expect(err).toContain('CONFIG_UNREADABLE');
  });
});

describe('check --tests', () => {
  const file = (): string => join(folder, 'tested.yaml');
  const failing = { title: 'a sum', path: 'sources.shop.settings.tests.1' };

  /** A plugin whose settings carry tests; the second fails with what it finds. */
  async function check(results: string, ...more: readonly string[]): Promise<Run> {
    const plugin = `
      import { defineSource } from '@tributary/sdk';
      const token = { type: 'string', writeOnly: true };
      export default defineSource({
        name: 'shop', title: 'Shop', settings: { type: 'object', properties: { token } },
        http: { paths: ['/'], handle: () => ({ answer: { status: 200 } }) },
        testSettings: async (settings) => ${results},
      });
    `;
    const name = `shop-${createHash('sha256').update(results).digest('hex')}.mjs`;
    await writeFile(join(folder, name), plugin);
    const shop = `{ plugin: ./${name}, settings: { token: "\${TOKEN}" } }`;
    await writeFile(file(), `tributary: 1\nsources: { shop: ${shop} }\n`);
    return run(['check', file(), '--tests', ...more], { TOKEN: 'a-secret-token' });
  }

  const pass = `{ title: 'a list', path: '/tests/0' }`;
  const fail = `{ title: 'a sum', path: '/tests/1', problem: 'found ' + settings.token }`;

  test('--json prints one document, where they pass and where one fails', async () => {
    const passed = { title: 'a list', path: 'sources.shop.settings.tests.0' };
    const right = await check(`[${pass}]`, '--json');
    expect(right).toMatchObject({ code: exitCodes.ok, err: '' });
    expect(JSON.parse(right.out)).toMatchObject({ right: true, sources: 1, tests: [passed] });

    const wrong = await check(`[${pass}, ${fail}]`, '--json');
    expect(wrong).toMatchObject({ code: exitCodes.failed, err: '' });
    const tests = [passed, { ...failing, problem: 'found [secret]' }];
    expect(JSON.parse(wrong.out)).toMatchObject({ right: false, problems: [], tests });
  });

  test('without it, sentences', async () => {
    expect(await check(`[${pass}]`)).toEqual({
      code: exitCodes.ok,
      out: `1 of 1 tests of settings pass.\n${file()} is right: 1 source, 0 destinations, 0 audiences and 0 purposes.`,
      err: '',
    });
    expect(await check(`[${pass}, ${fail}]`)).toEqual({
      code: exitCodes.failed,
      out: '1 of 2 tests of settings pass.',
      err: `SETTINGS_TEST_FAILED: ${failing.path}: "a sum": found [secret]`,
    });
  });

  test('a plugin that answers with nonsense is named', async () => {
    expect(await check(`'all is well'`)).toMatchObject({
      code: exitCodes.failed,
      err: expect.stringMatching(/^SETTINGS_TEST_FAILED: sources\.shop\.settings: .* no list/),
    });
  });
});

test('plugins lists each instance with the version of its package', async () => {
  const demo = join(import.meta.dirname, '../../../config/demo.yaml');
  const { code, out } = await run(['plugins', '--config', demo]);
  expect(code).toBe(exitCodes.ok);
  expect(out).toMatch(/^web +source +@tributary\/source-http +\d+\.\d+\.\d+ +yes$/m);
  const { out: json } = await run(['plugins', '--config', demo, '--json']);
  expect(JSON.parse(json)).toMatchObject({ items: expect.any(Array) });
});

test('schema prints a JSON Schema', async () => {
  const { code, out } = await run(['schema']);
  expect(code).toBe(exitCodes.ok);
  expect(JSON.parse(out)).toMatchObject({ properties: { hub: {}, audiences: {} } });
});

describe('keys and audit, on an embedded store', () => {
  // Each command opens the database anew, which takes a while on a busy machine.
  const patience = 180_000;

  test(
    'a key is made, listed, revoked; the audit log is intact',
    { timeout: patience },
    async () => {
      const options = ['--config', config, '--role', 'viewer', '--label', 'wall display'];
      const made = await run(['keys', 'create', ...options, '--expires-in-days', '90']);
      expect(made).toMatchObject({ code: exitCodes.ok, out: expect.stringMatching(/^tk_/) });
      const id = /Key (\S+) with role viewer/.exec(made.err)?.[1] ?? '';

      const listed = await run(['keys', 'list', '--config', config]);
      expect(listed.out).toMatch(
        new RegExp(`^${id} +viewer +live until 2026-08-30T00:00:00.000Z +wall display$`),
      );
      expect(listed.out).not.toContain(made.out);

      expect(await run(['keys', 'revoke', id, '--config', config])).toMatchObject({
        code: exitCodes.ok,
      });
      const again = await run(['keys', 'revoke', id, '--config', config]);
      expect(again).toMatchObject({
        code: exitCodes.notFound,
        err: `KEY_UNKNOWN: ${id}: found no live key, expected one that \`keys list\` shows. Check the id.`,
      });

      const verified = await run(['audit', 'verify', '--config', config]);
      expect(verified.code).toBe(exitCodes.ok);
      expect(verified.out).toContain('The audit log is intact: 2 entries');
      const json = await run(['audit', 'verify', '--json', '--config', config]);
      expect(JSON.parse(json.out)).toMatchObject({ intact: true, size: 2 });
      const keys = await run(['keys', 'list', '--json', '--config', config]);
      expect(JSON.parse(keys.out)).toMatchObject({ items: [{ id, role: 'viewer' }] });
    },
  );

  test('a role that there is not is a mistake of the command line', async () => {
    const options = ['--config', config, '--role', 'owner', '--label', 'x'];
    const { code, err } = await run(['keys', 'create', ...options]);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain('found "owner", expected one of viewer, operator, privacy, admin');
  });

  test('a store that a running hub holds ends with 4', async () => {
    const store = await openStore({ folder: join(folder, 'data') });
    const { code, err } = await run(['keys', 'list', '--config', config]);
    await store.close();
    expect(code).toBe(exitCodes.storeUnavailable);
    expect(err).toContain('STORE_LOCKED');
  });

  test('a store that does not answer ends with 4, and its password is not told', async () => {
    const file = join(folder, 'server.yaml');
    await writeFile(
      file,
      'tributary: 1\nhub: { store: { url: "${DATABASE_URL}" }, key: "${TRIBUTARY_KEY}" }\n',
    );
    const { code, err } = await run(['keys', 'list', '--config', file], {
      DATABASE_URL: 'postgres://hub:open-sesame-1@127.0.0.1:1/hub',
      TRIBUTARY_KEY: Buffer.alloc(32).toString('base64'),
    });
    expect(code).toBe(exitCodes.storeUnavailable);
    expect(err).toContain('STORE_UNAVAILABLE');
    expect(err).not.toContain('open-sesame');
  });

  test('a head that does not belong to the log is told', async () => {
    const head = join(folder, 'head.json');
    await writeFile(head, '{}');
    const { code, err } = await run(['audit', 'verify', '--config', config, '--head', head]);
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain('AUDIT_HEAD_INVALID');
  });
});

describe('setup', () => {
  const vendor = `
    import { defineDestination, PluginError } from '@tributary/sdk';
    const settings = {
      type: 'object',
      properties: { token: { type: 'string', writeOnly: true } },
    };
    export default defineDestination({
      name: 'vendor', title: 'Vendor', settings, identifiers: ['email'], channel: 'email',
      audiences: { mode: 'append', add: async () => [] },
      setup: async ({ lists, settings: { token } }) => {
        if (token === 'wrong-token') throw new PluginError('auth', 'no such token: ' + token);
        return { created: lists.map((list) => 'list ' + list) };
      },
    });
  `;
  const text = [
    'tributary: 1',
    'purposes: { ads: Ads }',
    'audiences: { buyers: { rule: { event: Bought } } }',
    'destinations:',
    '  vendor:',
    '    plugin: ./vendor.mjs',
    '    purposes: [ads]',
    '    settings: { token: "${TOKEN}" }',
    '    audiences: [{ audience: buyers, list: Buyers }]',
  ].join('\n');

  async function setUp(token: string, ...more: readonly string[]): Promise<Run> {
    const file = join(folder, 'setup.yaml');
    await writeFile(join(folder, 'vendor.mjs'), vendor);
    await writeFile(file, text);
    return run(['setup', '--config', file, ...more], { TOKEN: token });
  }

  test('creates what config names', async () => {
    expect(await setUp('a-good-token')).toEqual({
      code: exitCodes.ok,
      out: 'vendor: created list Buyers',
      err: '',
    });
  });

  test('that the vendor refuses is told, without the secret', async () => {
    const { code, err } = await setUp('wrong-token');
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain('SETUP_FAILED: vendor: found no such token: [secret]');
  });

  test('of a destination that there is not is a mistake of the command line', async () => {
    const { code, err } = await setUp('a-good-token', '--destination', 'vendro');
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain('--destination: found "vendro", expected one of vendor.');
  });
});

test('rebuild works on a store without events', async () => {
  const { code, out } = await run(['rebuild', '--config', config]);
  expect({ code, out }).toEqual({ code: exitCodes.ok, out: 'Rebuilt from 0 events.' });
  const json = await run(['rebuild', '--json', '--config', config]);
  expect(JSON.parse(json.out)).toEqual({ events: 0 });
});
