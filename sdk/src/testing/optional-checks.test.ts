// The functions that a plugin need not have are played where it has them: each flaw makes the check fail
// that is about it, and no other.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  classifyStatus,
  defineDestination,
  defineSource,
  isJsonObject,
  PluginError,
  sameOutcome,
  type DestinationPlugin,
  type PluginContext,
  type SourcePlugin,
  type UnknownSettings,
} from '../index.ts';
import {
  explainCheck,
  runChecks,
  testDestination,
  testSource,
  type CheckResult,
  type DestinationCases,
  type SourceCases,
} from './index.ts';
import type { ContractCheck } from './contract-check.ts';

type Flaw =
  | 'asks nobody'
  | 'is content with 401'
  | 'shrugs at 401'
  | 'is content with 500'
  | 'never ends'
  | 'throws its key'
  | 'ignores the signal'
  | 'asks elsewhere'
  | 'cannot be repeated'
  | 'says nothing of what it made'
  | 'leaves out the last page'
  | 'takes a failure for the end';

interface Settings {
  readonly apiKey: string;
  readonly baseUrl: string;
}
type Call = Pick<PluginContext<Settings>, 'settings' | 'fetch' | 'clock' | 'signal'>;

const settingsSchema = {
  type: 'object',
  properties: {
    apiKey: { type: 'string', writeOnly: true, title: 'API key' },
    baseUrl: { type: 'string', title: 'Base URL' },
  },
  required: ['apiKey', 'baseUrl'],
  additionalProperties: false,
} as const;

function createAsk(flaw?: Flaw): (call: Call, path: string, method?: string) => Promise<unknown> {
  return async ({ settings, fetch, clock, signal }, path, method = 'GET') => {
    if (flaw === 'asks nobody') return {};
    if (flaw === 'never ends') return new Promise(() => undefined);
    if (flaw === 'asks elsewhere') await fetch('https://telemetry.example').catch(() => undefined);
    const url = `${settings.baseUrl}${path}`;
    const answer = await (flaw === 'ignores the signal'
      ? Promise.race([globalThis.fetch(url, { method }), pause(1_800)])
      : fetch(url, { method, headers: { authorization: settings.apiKey }, signal }));
    if (!(answer instanceof Response)) throw new PluginError('unknown', 'no answer');
    const failure = classifyStatus(answer, clock.now());
    if (failure?.kind === 'auth' && flaw === 'is content with 401') return {};
    if (failure?.kind === 'auth' && flaw === 'shrugs at 401') throw new Error('refused');
    if (answer.status >= 500 && flaw === 'is content with 500') return {};
    if (answer.status === 409 && flaw !== 'cannot be repeated') return {};
    if (failure && flaw === 'throws its key') throw new PluginError(failure.kind, settings.apiKey);
    if (failure) throw failure;
    return answer.json();
  };
}

function createDestination(flaw?: Flaw): DestinationPlugin {
  const ask = createAsk(flaw);
  return defineDestination({
    name: 'mailer',
    title: 'Mailer',
    settings: settingsSchema,
    identifiers: ['email'],
    channel: 'email',
    async check(call) {
      await ask(call, '/me');
    },
    async setup({ lists, ...call }) {
      for (const list of lists) await ask(call, `/lists/${list}`, 'PUT');
      const created = lists.map((list) => `list ${list}`);
      return { created: flaw === 'says nothing of what it made' ? [undefined as never] : created };
    },
    audiences: {
      mode: 'append',
      async add({ deliveries }) {
        return sameOutcome(deliveries, { kind: 'delivered' });
      },
      async *list({ list, ...call }) {
        for (let page = 0; ; page += 1) {
          const answer = await readPage(call, `/lists/${list}?page=${page}`);
          const keys = isJsonObject(answer) ? answer['keys'] : undefined;
          if (!Array.isArray(keys) || keys.length === 0) return;
          if (page === 1 && flaw === 'leaves out the last page') return;
          yield keys.map((key) => ({ key: String(key) }));
        }
      },
    },
  });

  async function readPage(call: Call, path: string): Promise<unknown> {
    if (flaw !== 'takes a failure for the end') return ask(call, path);
    return ask(call, path).catch((error: unknown) => {
      if (error instanceof PluginError && error.kind === 'unknown') return {};
      throw error;
    });
  }
}

const ada = {
  handle: 'a',
  key: 'ada@example.com',
  identifier: { namespace: 'email', value: 'ada@example.com' },
  traits: {},
};
const pages = [['ada@example.com', 'bob@example.com'], ['cyd@example.com'], []];

const cases: DestinationCases = {
  settings: (vendorUrl) => ({ apiKey: 'key-of-the-mailer-07', baseUrl: vendorUrl }),
  vendor: {
    respond({ method, path }, scenario) {
      if (method === 'PUT') return { status: scenario.kind === 'again' ? 409 : 201, json: {} };
      const page = Number(new URL(path, 'http://vendor.example').searchParams.get('page'));
      return { json: path === '/me' ? { name: 'me' } : { keys: pages[page] ?? [] } };
    },
  },
  lists: [
    {
      title: 'reads a list',
      in: { list: 'vip' },
      out: { members: pages.flat().map((key) => ({ key })) },
    },
  ],
  examples: [
    {
      title: 'adds',
      in: { call: 'audiences.add', list: 'vip', deliveries: [ada] },
      out: { requests: [] },
    },
  ],
};

async function failing(checks: readonly ContractCheck[]): Promise<string[]> {
  const own = checks.filter(({ name }) =>
    /^(check|setup|audiences\.list): |reads a list/.test(name),
  );
  const results = await runChecks(own);
  return results.filter(({ error }) => error !== undefined).map(({ name }) => name);
}

function wordsOf(results: readonly CheckResult[]): string {
  return results.map(({ error }) => (error instanceof Error ? error.message : '')).join('');
}

const read = 'example: reads a list';

describe.concurrent('a destination that', () => {
  it('is good passes, with each function played', async () => {
    const checks = testDestination(createDestination(), cases);
    const names = checks.map(({ name }) => name.split(': ')[0]);
    for (const name of ['check', 'setup', 'audiences.list']) expect(names).toContain(name);
    expect(await failing(checks)).toEqual([]);
    expect(checks.filter(({ name }) => !explainCheck(name))).toEqual([]);
  });

  it.each<[Flaw, string[]]>([
    [
      'asks nobody',
      [
        read,
        'check: does what it is for, and ends',
        'audiences.list: does what it is for, and ends',
      ],
    ],
    [
      'is content with 401',
      ['check', 'setup', 'audiences.list'].map(
        (name) => `${name}: pauses when its credentials are refused`,
      ),
    ],
    [
      'shrugs at 401',
      ['check', 'setup', 'audiences.list'].map(
        (name) => `${name}: pauses when its credentials are refused`,
      ),
    ],
    [
      'is content with 500',
      ['check', 'setup', 'audiences.list'].map((name) => `${name}: takes no failure for an answer`),
    ],
    [
      'throws its key',
      ['check', 'setup', 'audiences.list'].map((name) => `${name}: shows no secret`),
    ],
    [
      'ignores the signal',
      ['check', 'setup', 'audiences.list'].map((name) => `${name}: stops when it is told to`),
    ],
    [
      'asks elsewhere',
      [
        read,
        ...['check', 'setup', 'audiences.list'].map(
          (name) => `${name}: does what it is for, and ends`,
        ),
      ],
    ],
    ['cannot be repeated', ['setup: does what it is for, and ends']],
    ['says nothing of what it made', ['setup: does what it is for, and ends']],
    ['leaves out the last page', [read, 'audiences.list: does what it is for, and ends']],
    ['takes a failure for the end', ['audiences.list: takes no failure for an answer']],
  ])('%s fails at exactly that', async (flaw, names) => {
    expect(await failing(testDestination(createDestination(flaw), cases))).toEqual(names);
  });

  it('never ends is given up, and told so', async () => {
    const checks = testDestination(createDestination('never ends'), cases);
    const ends = checks.filter(({ name }) => name === 'check: does what it is for, and ends');
    const [result] = await runChecks(ends);
    expect(String(result?.error)).toContain('had not ended 10000 ms after it began');
  });

  it.each(['open', 'close'] as const)(
    'never ends its `%s` is given up, and told so',
    async (name) => {
      const hanging = { ...createDestination(), [name]: () => new Promise<never>(() => undefined) };
      const checks = testDestination(hanging, cases).filter((one) => one.name === 'example: adds');
      const [result] = await runChecks(checks);
      expect(String(result?.error)).toMatch(new RegExp(`\`${name}\` had not ended \\d+ ms after`));
    },
  );
});

describe('the examples of a destination', () => {
  async function found(plugin: DestinationPlugin, given: DestinationCases): Promise<string> {
    const checks = testDestination(plugin, given).filter(({ name }) =>
      /^has an? ?example/.test(name),
    );
    const results = await runChecks(checks);
    return wordsOf(results);
  }

  it('are whole', async () => {
    expect(await found(createDestination(), cases)).toBe('');
  });

  it('need a list where lists can be read back', async () => {
    const { lists: _, ...bare } = cases;
    const words = await found(createDestination(), bare);
    expect(words).toContain('no example for audiences.list: add to `lists` of the cases');
  });

  it('need a job where jobs can be asked about', async () => {
    const plugin = { ...createDestination(), poll: async () => [] };
    expect(await found(plugin, cases)).toContain('no example for poll: let the vendor of one take');
  });

  it('need one of each call in which all is delivered', async () => {
    const examples = cases.examples.map((example) => ({
      ...example,
      out: {
        requests: [],
        outcomes: [{ handle: 'a', outcome: { kind: 'rejected', reason: 'no' } as const }],
      },
    }));
    const words = await found(createDestination(), { ...cases, examples });
    expect(words).toContain('of audiences.add none has its deliveries delivered');
    expect(words).toContain("in: { call: 'audiences.add', list: 'vip'");
  });

  it('show nothing that the plugin cannot do', async () => {
    const erase = {
      title: 'erases',
      in: { call: 'erase', deliveries: [ada] },
      out: { requests: [] },
    } as const;
    const checks = testDestination(createDestination(), {
      ...cases,
      examples: [...cases.examples, erase],
    });
    const [result] = await runChecks(
      checks.filter(({ name }) => name === 'has examples of nothing that it cannot do'),
    );
    expect(String(result?.error)).toContain('«erases» (erase)');
  });
});

const order = {
  type: 'track',
  event: 'Order Completed',
  messageId: 'order-7',
  identifiers: [{ namespace: 'email', value: 'ada@example.com' }],
} as const;

type SourceFlaw =
  Flaw | 'shows something else' | 'throws at what it cannot read' | 'hangs in its preview';

function createSource(flaw?: SourceFlaw): SourcePlugin {
  const isOfAsking = (one?: SourceFlaw): one is Flaw =>
    !['shows something else', 'throws at what it cannot read', 'hangs in its preview'].includes(
      one ?? '',
    );
  const ask = createAsk(isOfAsking(flaw) ? flaw : undefined);
  return defineSource({
    name: 'orders',
    title: 'Orders',
    settings: settingsSchema,
    async check(call) {
      await ask(call, '/me');
    },
    validate: ({ apiKey }) =>
      apiKey === 'bad' ? [{ path: '/apiKey', message: 'found "bad"' }] : [],
    testSettings: async ({ apiKey }) => [
      { title: 'key', path: '/apiKey', ...(apiKey === 'untested' && { problem: 'found none' }) },
    ],
    async preview(_settings, { body }) {
      if (flaw === 'hangs in its preview') return new Promise(() => undefined);
      const isOrder = Buffer.from(body).toString() === '{"id":7}';
      const records = isOrder ? [order] : [];
      return {
        records: flaw === 'shows something else' ? [{ ...order, event: 'Order' }] : records,
        problems: isOrder ? [] : ['no order'],
      };
    },
    async reread({ payload }) {
      if (flaw === 'throws at what it cannot read') JSON.parse(Buffer.from(payload).toString());
      throw new PluginError('rejected', 'still no order');
    },
    http: {
      paths: ['/'],
      handle: ({ request }) =>
        Buffer.from(request.rawBody).toString() === '{"id":7}'
          ? { records: [order], respond: () => ({ status: 200 }) }
          : { unreadable: { code: 'BAD', message: 'no order' }, answer: { status: 400 } },
    },
  });
}

const sourceCases: SourceCases = {
  settings: (vendorUrl) => ({ apiKey: 'key-of-the-shop-11', baseUrl: vendorUrl }),
  vendor: { respond: () => ({ json: { name: 'me' } }) },
  examples: [
    {
      title: 'an order',
      in: { request: { body: { id: 7 } } },
      out: { records: [order] },
    },
  ],
};

async function failingSource(plugin: SourcePlugin, given: SourceCases): Promise<string[]> {
  const results = await runChecks(testSource(plugin, given));
  return results.filter(({ error }) => error !== undefined).map(({ name }) => name);
}

describe.concurrent('a source that', () => {
  it('is good passes, with each function played', async () => {
    const checks = testSource(createSource(), sourceCases);
    const names = checks.map(({ name }) => name.split(': ')[0]);
    expect(names).toEqual(
      expect.arrayContaining(['check', 'validate', 'testSettings', 'preview', 'reread']),
    );
    expect(await failingSource(createSource(), sourceCases)).toEqual([]);
    expect(checks.filter(({ name, skip }) => skip === undefined && !explainCheck(name))).toEqual(
      [],
    );
  });

  it('are played on a source that is sent no requests, too', async () => {
    const createPull = (reread: SourcePlugin['reread']): SourcePlugin => ({
      ...defineSource({
        name: 'shop',
        title: 'Shop',
        settings: { type: 'object' },
        async *pull() {
          yield { records: [order] };
        },
      }),
      ...(reread && { reread }),
    });
    const example = { title: 'an order', in: { pull: {} }, out: { records: [order] } };
    const cases: SourceCases = { settings: () => ({}), examples: [example] };
    const failing = async (reread: SourcePlugin['reread']): Promise<string[]> => {
      const names = await failingSource(createPull(reread), cases);
      return names.filter((name) => name.startsWith('reread'));
    };
    expect(await failing(async () => [order])).toEqual([]);
    const throwing = async (): Promise<never> => {
      throw new SyntaxError('half of it');
    };
    expect(await failing(throwing)).toEqual([
      'reread: says why it still cannot read what was kept',
    ]);
  });

  it.each<[SourceFlaw, string[]]>([
    ['asks nobody', ['check: does what it is for, and ends']],
    ['is content with 401', ['check: pauses when its credentials are refused']],
    ['is content with 500', ['check: takes no failure for an answer']],
    ['throws its key', ['check: shows no secret']],
    ['ignores the signal', ['check: stops when it is told to']],
    ['asks elsewhere', ['check: does what it is for, and ends']],
    ['shows something else', ['preview: shows what would become of a message']],
    ['hangs in its preview', ['preview: shows what would become of a message']],
    ['throws at what it cannot read', ['reread: says why it still cannot read what was kept']],
  ])('%s fails at exactly that', async (flaw, names) => {
    expect(await failingSource(createSource(flaw), sourceCases)).toEqual(names);
  });

  it.each([
    ['bad', 'validate: finds nothing wrong with good settings'],
    ['untested', 'testSettings: runs the tests of its settings to their end'],
  ])('finds %s settings fails at exactly that', async (apiKey, name) => {
    const given = {
      ...sourceCases,
      settings: (baseUrl: string): Settings & UnknownSettings => ({ apiKey, baseUrl }),
    };
    expect(await failingSource(createSource(), given)).toEqual([name]);
  });
});

describe('the examples of a source', () => {
  async function* nothing(): AsyncGenerator<never> {}

  async function found(plugin: SourcePlugin, given: SourceCases): Promise<string> {
    const results = await runChecks(
      testSource(plugin, given).filter(({ name }) => name.startsWith('has ')),
    );
    return wordsOf(results);
  }

  it.each(['pull', 'stream'] as const)('need one of a %s', async (way) => {
    const words = await found({ ...createSource(), [way]: nothing }, sourceCases);
    expect(words).toContain(`no example with records for ${way}: add to \`examples\` of the cases`);
    expect(words).toContain(`in: { ${way}: {} }`);
  });

  it('need one of a request', async () => {
    const none = await found(createSource(), { ...sourceCases, examples: [] });
    expect(none).toContain('no example with records for http');
    const examples = [{ title: 'empty', in: { request: {} }, out: { records: [] } }];
    expect(await found(createSource(), { ...sourceCases, examples })).toContain('for http');
  });

  it('need a vendor where the plugin asks one', async () => {
    const { vendor: _, ...alone } = sourceCases;
    expect(await found(createSource(), alone)).toContain('add `vendor` to the cases');
  });

  it('show nothing that the plugin cannot do', async () => {
    const examples = [
      ...sourceCases.examples,
      { title: 'a feed', in: { stream: {} }, out: { records: [order] } },
    ];
    expect(await found(createSource(), { ...sourceCases, examples })).toContain(
      '«a feed» (stream)',
    );
  });
});
