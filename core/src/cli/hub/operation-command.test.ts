// The command line derived from the table of operations: that every row says what it needs, and how the
// commands meet a hub, in words, files, pages, refusals and exit codes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isJsonObject } from '@tributary/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasCommand, membersOf, operations } from '../../http/operations-table.ts';
import { ada, grace } from '../../http/fixtures/test-hub.ts';
import { startServer, type RunningServer } from '../../http/fixtures/running-server.ts';
import { openStore } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import { commands } from '../commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { main } from '../main.ts';
import { parseCommandLine } from '../parse-command-line.ts';
import { splitWords } from '../../../../test/support/split-words.ts';
import { fieldsOf, isPaged } from './fields.ts';
import { hubOptions } from './hub-options.ts';
import { answerHas } from './print-answer.ts';
import { memberAt } from './table.ts';

const rows = operations.flatMap((operation) =>
  hasCommand(operation.command) ? [{ operation, command: operation.command }] : [],
);

describe('the table', () => {
  test('no two commands have one name', () => {
    expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
  });

  test.each(operations.filter(({ command }) => !hasCommand(command)).map((row) => [row.id, row]))(
    '%s says why it has no command',
    (_, { command }) => {
      expect('none' in command && command.none).toMatch(/^.{10,}\.$/);
    },
  );

  test.each(rows.map((row) => [row.command.name, row] as const))(
    '%s names members that are there, and no option twice',
    (_, { operation, command }) => {
      const members = [operation.path, operation.query, ...(operation.body ? [operation.body] : [])]
        .flatMap((schema) => membersOf(schema))
        .map(({ name }) => name);
      const { places = [], person, item, files = [], identifiers = [] } = command;
      const listed = identifiers === 'body' ? [] : identifiers;
      const named = [...places, ...files, ...listed, person, item];
      expect(members).toEqual(expect.arrayContaining(named.filter((name) => name !== undefined)));
      const own = fieldsOf(operation, command).map(({ option }) => option);
      const general = Object.keys(hubOptions).concat(isPaged(operation) ? ['limit', 'all'] : []);
      expect(new Set([...own, ...general]).size).toBe(own.length + general.length);
    },
  );

  test.each(rows.map((row) => [row.command.name, row] as const))(
    '%s prints members that the answer has',
    (_, { operation, command }) => {
      const { print } = command;
      const named =
        print?.as === 'words' || print?.as === 'member'
          ? [...print.words.matchAll(/\{([\w.]+)\}/g)].map(([, path = '']) => path)
          : [];
      for (const path of named)
        expect([path, answerHas(operation.answer, path)]).toEqual([path, true]);
      const list: unknown = Reflect.get(operation.answer, 'properties');
      const items = isJsonObject(list) && isJsonObject(list['items']) ? list['items'] : {};
      for (const column of print?.as === 'table' ? print.columns : [])
        expect([column, answerHas(items['items'], column)]).toEqual([column, true]);
    },
  );

  const examples = commands.flatMap(({ name, examples: texts }) =>
    texts.map((text) => [text, name] as const),
  );
  test.each(examples)('%s', (text, name) => {
    const line = parseCommandLine(splitWords(text).words.slice(1), commands);
    expect(line.kind === 'run' && line.command.name).toBe(name);
  });
});

describe('against a hub', () => {
  let store: Store;
  let server: RunningServer;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-hub-cli-'));
    store = await openStore({ folder: join(folder, 'data') });
    server = await startServer(store);
  }, 60_000);
  afterAll(async () => {
    await server.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  interface Run {
    readonly code: number;
    readonly out: string;
    readonly err: string;
  }

  async function run(
    line: string,
    { input = [], env = {} }: { input?: readonly string[]; env?: Record<string, string> } = {},
  ): Promise<Run> {
    const out: string[] = [];
    const err: string[] = [];
    const surroundings = { TRIBUTARY_URL: server.url, TRIBUTARY_KEY: await server.keyOf('admin') };
    const code = await main(splitWords(line).words, {
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      env: { ...surroundings, ...env },
      now: () => 0,
      lines: () => Promise.resolve(input),
    });
    return { code, out: out.join('\n'), err: err.join('\n') };
  }

  test('a list is a table, without columns that are empty', async () => {
    expect(await run('destination list')).toEqual({
      code: exitCodes.ok,
      out: [
        'ID    PLUGIN    STATE    SINCE                     LAG  OPEN DEAD LETTERS',
        'mail  a-mailer  running  2026-04-01T00:00:00.000Z  0    3',
      ].join('\n'),
      err: '',
    });
  });

  test('--json is the answer of the API as it is', async () => {
    const { out } = await run('audience show readers --json');
    const { json } = await server.call(
      'GET',
      '/api/audiences/readers',
      await server.keyOf('admin'),
    );
    expect(JSON.parse(out)).toEqual(json);
  });

  test('pages are followed, up to a limit or to the end', async () => {
    const all = await run('audience members readers --all --json');
    expect(JSON.parse(all.out).items).toHaveLength(3);
    const two = await run('audience members readers --limit 2 --json');
    expect(JSON.parse(two.out)).toMatchObject({
      items: [{ profileId: ada }, { profileId: grace }],
      next: grace,
    });
  });

  test('an identifier comes from standard input and is looked up', async () => {
    const { out } = await run('profile show', { input: ['email:ada@example.com'] });
    expect(out).toMatch(new RegExp(`^ID +${ada}$`, 'm'));
    expect(out).toMatch(/first_name +Ada +shop/);
    expect((await run(`profile show --profile ${ada}`)).out).toBe(out);
  });

  test.each([
    [['email:info@example.com'], exitCodes.conflict, `Choose with --profile: ${ada}, ${grace}.`],
    [['loyalty_card:9'], exitCodes.conflict, `Candidates: ${ada}, ${grace}.`],
    [['email:nobody@example.com'], exitCodes.notFound, 'PROFILE_UNKNOWN'],
    [['ada@example.com'], exitCodes.usage, 'expected namespace:value'],
    [[], exitCodes.usage, 'found 0 lines on standard input'],
  ])('%j leads to no one person, and no error quotes it', async (input, code, words) => {
    const ended = await run('profile show', { input });
    expect(ended).toMatchObject({ code, out: '', err: expect.stringContaining(words) });
    expect(ended.err).not.toMatch(/@example/);
  });

  test('one item of a list in the body is given by options', async () => {
    const line = 'consent record --purpose email_marketing --status withdrawn';
    const { out } = await run(line, { input: ['email:ada@example.com', 'phone:+491701234567'] });
    expect(out).toBe('1 accepted, 0 known before.');
    const body = {
      identifiers: [
        { namespace: 'email', value: 'ada@example.com' },
        { namespace: 'phone', value: '+491701234567' },
      ],
      consents: [{ purpose: 'email_marketing', status: 'withdrawn' }],
    };
    expect(server.told.at(-1)).toContain(JSON.stringify(body));
  });

  test('numbers are given one by one or with commas, and checked here', async () => {
    await run('quarantine replay --ids 7,8 --ids 9');
    expect(server.told.at(-1)).toMatch(/^replay 7,8,9 /);
    expect(await run('quarantine replay --ids 7,eight')).toMatchObject({
      code: exitCodes.usage,
      err: expect.stringContaining('--ids: found "eight", expected a whole number.'),
    });
    expect(await run('deadletters list --state shut')).toMatchObject({
      code: exitCodes.usage,
      err: expect.stringContaining('expected one of open, replayed, dropped'),
    });
  });

  test('a key is alone on standard output', async () => {
    const { out, err } = await run("keys create --role viewer --label 'a wall'");
    expect(out).toMatch(/^tk_\S+$/);
    expect(err).toMatch(/^Key [0-9a-f]{12} with role viewer\. It is shown this once:$/);
  });

  test('long work is followed to its end, with a bar where somebody watches', async () => {
    const drawn: string[] = [];
    const said: string[] = [];
    const code = await main(['destination', 'reset', 'mail'], {
      out: (text) => said.push(text),
      err: (text) => said.push(text),
      env: { TRIBUTARY_URL: server.url, TRIBUTARY_KEY: await server.keyOf('operator') },
      now: () => 0,
      draw: (text) => drawn.push(text),
    });
    expect(code).toBe(exitCodes.ok);
    expect(said).toEqual(['400 are in doubt now and are sent again.']);
    expect(drawn.at(-2)).toContain('100 %  400 of 400');
    expect(drawn.at(-1)).toBe('');
  });

  test('apply takes an unchanged config up too, so that what did not open is tried again', async () => {
    const { code, out } = await run('apply');
    expect([code, out]).toEqual([0, 'Nothing would change: the hub goes by this config.']);
    expect(server.told.at(-1)).toMatch(/^apply key:/);
  });

  test.each(['plan', 'apply'])('%s may take as long as it takes: it is a job', async (name) => {
    const answered: string[] = [];
    const code = await main([name], {
      out: () => undefined,
      err: () => undefined,
      env: { TRIBUTARY_URL: server.url, TRIBUTARY_KEY: await server.keyOf('admin') },
      now: () => 0,
      async fetch(address, init) {
        const response = await fetch(address, init);
        const { pathname } = new URL(response.url);
        if (init?.method === 'POST') answered.push(`${pathname} ${response.status}`);
        return response;
      },
    });
    expect(code).toBe(exitCodes.ok);
    expect(answered.length).toBeGreaterThan(0);
    expect(answered.filter((line) => !line.endsWith(' 202'))).toEqual([]);
  });

  test('rebuild follows its job to the end', async () => {
    expect(await run('rebuild')).toMatchObject({ code: 0, out: 'Rebuilt from 3 events.' });
    expect(server.told.at(-1)).toMatch(/^rebuild key:/);
  });

  test('a rule comes from a file; what is wrong with it is told', async () => {
    const file = join(folder, 'rule.yaml');
    await writeFile(file, 'event: Bought\nwithin: 30d\n');
    expect((await run(`audience preview --rule ${file}`)).out).toBe('2 of 3 profiles meet it.');
    await writeFile(file, '{ "evnt": "Bought" }');
    expect(await run(`audience preview --rule ${file}`)).toMatchObject({
      code: exitCodes.usage,
      err: expect.stringContaining('RULE_INVALID: rule.evnt: found the unknown key'),
    });
  });

  test('an explanation is a tree; two identifiers are two lines; no control character comes through', async () => {
    const both = { input: ['email:ada@example.com', 'user_id:42'] };
    expect(await run('explain merge', both)).toEqual({
      code: exitCodes.ok,
      out: [
        'Yes.',
        '├─ ✓ any of these holds',
        '│  └─ ✓ is Ada',
        '└─ time alone will not change it',
      ].join('\n'),
      err: '',
    });
    const one = await run('explain merge', { input: ['email:ada@example.com'] });
    expect(one).toMatchObject({
      code: exitCodes.usage,
      err: expect.stringContaining('found 1 lines on standard input, expected 2: left and right'),
    });
    expect((await run('explain trait first_name', { input: ['email:ada@example.com'] })).code).toBe(
      0,
    );
    expect((await run('explain trait first_name --value x')).code).toBe(exitCodes.usage);
  });

  test('the audit log is exported as lines, all of it', async () => {
    const { out } = await run('audit export');
    const numbers = out.split('\n').map((line) => memberAt(JSON.parse(line), 'number'));
    expect(numbers).toEqual(numbers.map((_, place) => place + 1));
  });

  test('a role that does not do says which would', async () => {
    const env = { TRIBUTARY_KEY: await server.keyOf('viewer') };
    const { code, err } = await run('destination pause mail', { env });
    expect(code).toBe(exitCodes.forbidden);
    expect(err).toMatch(/^ROLE_FORBIDS: .* Needs a key with role operator or admin\.$/);
  });

  test.each([
    [{ TRIBUTARY_KEY: '' }, exitCodes.forbidden, 'KEY_MISSING'],
    [{ TRIBUTARY_KEY: 'tk_aaaaaaaaaaaa_wrong' }, exitCodes.forbidden, 'KEY_INVALID'],
    [
      { TRIBUTARY_URL: 'http://127.0.0.1:9' },
      exitCodes.hubUnreachable,
      'HUB_UNREACHABLE: http://127.0.0.1:9: found ',
    ],
    [{ TRIBUTARY_URL: 'ftp://hub' }, exitCodes.usage, '--url: found "ftp://hub"'],
  ])('%j', async (env, code, words) => {
    const ended = await run('source list', { env });
    expect(ended).toMatchObject({ code, out: '', err: expect.stringContaining(words) });
    expect(ended.err).not.toContain('tk_aaaaaaaaaaaa');
  });

  test('what is there is not called: 404', async () => {
    expect(await run('destination show fax')).toMatchObject({
      code: exitCodes.notFound,
      err: expect.stringContaining('INSTANCE_UNKNOWN'),
    });
  });

  test('the address may come from the config, the key from a file', async () => {
    const config = join(folder, 'hub.yaml');
    const keyFile = join(folder, 'key');
    await writeFile(config, `hub: { http: { port: ${server.port} }, key: "\${NOT_SET}" }\n`);
    await writeFile(keyFile, `${await server.keyOf('viewer')}\n`);
    const env = { TRIBUTARY_URL: '', TRIBUTARY_KEY: '' };
    const line = `source list --config ${config} --key-file ${keyFile}`;
    expect((await run(line, { env })).code).toBe(exitCodes.ok);
  });
});
