// A good plugin passes every check; each flaw makes exactly the checks fail that are about it.
import { describe, expect, it, test } from 'vitest';
import {
  classifyStatus,
  defineSource,
  isJsonObject,
  PluginError,
  type PluginContext,
  signHmac,
  unreadableRecord,
  verifyHmac,
  type SourceAnswer,
  type SourceCall,
  type SourcePage,
  type SourcePlugin,
  type SourceRecord,
} from '../index.ts';
import { describeRecordProblem, registerChecks, runChecks, testSource } from './index.ts';
import type { SourceCases } from './source-cases.ts';

type HttpFlaw =
  | 'verifies what it parsed'
  | 'verifies nothing'
  | 'keeps what strangers send'
  | 'throws at bad input'
  | 'answers 500 to bad input'
  | 'does without a secret'
  | 'takes old signatures'
  | 'makes ids up'
  | 'names nobody'
  | 'throws dice for ids'
  | 'takes the time for an id'
  | 'dates what has no id'
  | 'logs its secret'
  | 'listens elsewhere'
  | 'is busy without saying how long';

let made = 0;

function createWebhookSource(flaw?: HttpFlaw): SourcePlugin {
  const has = (...flaws: HttpFlaw[]): boolean => flaw !== undefined && flaws.includes(flaw);
  return defineSource({
    name: 'orders',
    title: 'Orders',
    settings: {
      type: 'object',
      properties: {
        secret: {
          type: 'string',
          writeOnly: true,
          title: 'Signing secret',
          default: '',
          ...(has('does without a secret') ? {} : { minLength: 8 }),
        },
      },
      additionalProperties: false,
    },
    http: {
      paths: has('listens elsewhere') ? ['/other'] : ['/orders'],
      busy: (seconds) => ({
        status: 429,
        headers: has('is busy without saying how long') ? {} : { 'Retry-After': String(seconds) },
      }),
      handle({ request, settings, log, clock, random }): SourceAnswer {
        if (has('logs its secret')) log.debug(`checking with ${settings.secret}`);
        const at = Number(request.headers['x-time']);
        const body = has('verifies what it parsed')
          ? JSON.stringify(JSON.parse(Buffer.from(request.rawBody).toString()))
          : request.rawBody;
        const verdict = has('verifies nothing')
          ? { ok: true }
          : verifyHmac({
              text: [String(at), body],
              signature: request.headers['x-signature'],
              keys: [settings.secret || 'default-secret'],
              ...(has('takes old signatures') ? {} : { signedAt: { at, now: clock.now() } }),
            });
        if (!verdict.ok && has('keeps what strangers send')) return unreadable(401);
        if (!verdict.ok) return { answer: { status: 401 } };
        return read(Buffer.from(request.rawBody).toString(), { clock, random });
      },
    },
  });

  function read(
    text: string,
    world: Pick<PluginContext<unknown>, 'clock' | 'random'>,
  ): SourceAnswer {
    const order = parse(text);
    if (order === undefined && has('throws at bad input')) throw new Error('bad input');
    if (typeof order?.['id'] !== 'number' || typeof order['email'] !== 'string') {
      return unreadable(has('answers 500 to bad input') ? 500 : 400);
    }
    made += 1;
    const record: SourceRecord = {
      type: 'track',
      event: 'Order Completed',
      ...identityOf(order['id'], world),
      identifiers: has('names nobody') ? [] : [{ namespace: 'email', value: order['email'] }],
    };
    return { records: [record], respond: () => ({ status: 204 }) };
  }

  function identityOf(
    id: number,
    { clock, random }: Pick<PluginContext<unknown>, 'clock' | 'random'>,
  ): Pick<SourceRecord, 'messageId' | 'timestamp'> {
    if (has('dates what has no id')) return { timestamp: clock.now() };
    if (has('takes the time for an id')) return { messageId: String(clock.now()) };
    if (has('throws dice for ids')) return { messageId: String(random()) };
    return { messageId: has('makes ids up') ? `made-${made}` : `order-${id}` };
  }
}

function unreadable(status: number): SourceAnswer {
  return { unreadable: { code: 'BAD', message: 'no order' }, answer: { status } };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const order: SourceRecord = {
  type: 'track',
  event: 'Order Completed',
  messageId: 'order-7',
  identifiers: [{ namespace: 'email', value: 'ada@example.com' }],
};

const httpCases: SourceCases = {
  settings: () => ({ secret: 'signing-secret-1' }),
  signing: {
    sign: ({ body, settings, now }) => ({
      'X-Time': String(now),
      'X-Signature': signHmac([String(now), body], String(settings['secret'])),
    }),
    secrets: ['secret'],
    timed: true,
  },
  examples: [
    {
      title: 'an order',
      in: { request: { path: '/orders', body: { id: 7, email: 'ada@example.com' } } },
      out: { records: [order], status: 204 },
    },
  ],
};

type PullFlaw =
  | 'saves ahead'
  | 'saves at the beginning'
  | 'takes a failure for the end'
  | 'never saves'
  | 'ignores Retry-After'
  | 'shrugs at 401'
  | 'saves too much'
  | 'throws its key'
  | 'ignores the signal'
  | 'drops what it cannot read'
  | 'takes what it cannot read for the end';

interface PullSettings {
  readonly key: string;
  readonly url: string;
}

function createPullSource(flaw?: PullFlaw): SourcePlugin {
  const has = (...flaws: PullFlaw[]): boolean => flaw !== undefined && flaws.includes(flaw);

  async function load(
    call: SourceCall<PullSettings, undefined>,
    after: number,
  ): Promise<readonly unknown[]> {
    const { settings, fetch, clock } = call;
    const send = has('ignores the signal') ? globalThis.fetch : fetch;
    const answer = await send(`${settings.url}/people?after=${after}`, {
      headers: { authorization: settings.key },
      signal: has('ignores the signal') ? AbortSignal.timeout(1_800) : call.signal,
    });
    const failure = classifyStatus(answer, clock.now());
    if (failure && has('takes a failure for the end') && answer.status >= 500) return [];
    if (failure?.kind === 'rate_limited' && has('ignores Retry-After')) {
      throw new PluginError('rate_limited', 'too fast');
    }
    if (failure?.kind === 'auth' && has('shrugs at 401')) throw new Error('refused');
    if (failure && has('throws its key')) {
      throw new PluginError(failure.kind, settings.key, {
        retryAfterMs: failure.retryAfterMs ?? 0,
      });
    }
    if (failure) throw failure;
    const people: unknown = parse(await answer.text())?.['people'];
    if (Array.isArray(people)) return people.map((one: unknown) => one);
    throw new PluginError('unknown', 'the answer has no people');
  }

  async function* pull(
    call: SourceCall<PullSettings, undefined> & { readonly checkpoint: unknown },
  ): AsyncGenerator<SourcePage> {
    const saved = isJsonObject(call.checkpoint) ? Number(call.checkpoint['after']) : 0;
    if (has('saves at the beginning')) yield { records: [], checkpoint: { after: 1_000 } };
    let after = saved;
    for (;;) {
      const people = await load(call, after);
      const readable = people.filter((id) => typeof id === 'number');
      if (has('takes what it cannot read for the end') ? !readable.length : !people.length) return;
      after = numberOf(people.at(-1)) ?? after;
      const isKept = !has('drops what it cannot read', 'takes what it cannot read for the end');
      const records = isKept ? people.map(personOf) : readable.map(person);
      yield { records, ...save(after) };
    }
  }

  function save(after: number): Partial<SourcePage> {
    if (has('never saves')) return {};
    const padding = has('saves too much') ? { padding: 'x'.repeat(70_000) } : {};
    return { checkpoint: { after: has('saves ahead') ? after + 1 : after, ...padding } };
  }

  return defineSource({
    name: 'people',
    title: 'People',
    settings: {
      type: 'object',
      properties: {
        key: { type: 'string', writeOnly: true, title: 'Key' },
        url: { type: 'string', title: 'URL' },
      },
      required: ['key', 'url'],
      additionalProperties: false,
    },
    pull,
  });
}

const person = (id: number): SourceRecord => ({
  type: 'identify',
  messageId: `person-${id}`,
  identifiers: [{ namespace: 'crm_id', value: String(id) }],
  traits: { number: id },
});
const personOf = (item: unknown): SourceRecord =>
  typeof item === 'number' ? person(item) : unreadableRecord(item);

/** A vendor's own place in its list, which survives whatever else becomes of an item. */
const numberOf = (item: unknown): number | undefined => {
  const place = isJsonObject(item) ? item['spoilt'] : item;
  return typeof place === 'number' ? place : undefined;
};
const everybody = [1, 2, 3, 4, 5, 6, 7];

const pullCases: SourceCases = {
  settings: (vendorUrl) => ({ key: 'a-key-for-people', url: vendorUrl }),
  vendor: {
    respond(request) {
      const after = Number(
        new URL(request.path, 'http://vendor.example').searchParams.get('after'),
      );
      return { json: { people: everybody.filter((id) => id > after).slice(0, 2) } };
    },
  },
  examples: [
    { title: 'everybody', in: { pull: {} }, out: { records: everybody.map(person) } },
    {
      title: 'who is new',
      in: { pull: { checkpoint: { after: 5 } } },
      out: { records: [person(6), person(7)] },
    },
  ],
};

describe('a good webhook source', () => {
  registerChecks(test, testSource(createWebhookSource(), httpCases));
});
describe('a good pulling source', () => {
  registerChecks(test, testSource(createPullSource(), pullCases));
});

async function failing(plugin: SourcePlugin, cases: SourceCases): Promise<string[]> {
  const results = await runChecks(testSource(plugin, cases));
  return results.filter(({ error }) => error !== undefined).map(({ name }) => name);
}

describe('a webhook source that', () => {
  it.each<[HttpFlaw, string[]]>([
    ['verifies nothing', ['refuses what is not signed', 'refuses an old signature']],
    ['keeps what strangers send', ['refuses what is not signed', 'refuses an old signature']],
    ['throws at bad input', ['answers whatever comes in']],
    ['answers 500 to bad input', ['answers whatever comes in']],
    ['does without a secret', ['needs its signing secret']],
    ['takes old signatures', ['refuses an old signature']],
    ['makes ids up', ['example: an order', 'gives the same request the same message ids']],
    ['throws dice for ids', ['example: an order', 'gives the same request the same message ids']],
    [
      'takes the time for an id',
      ['example: an order', 'gives the same request the same message ids'],
    ],
    ['dates what has no id', ['example: an order', 'gives the same request the same message ids']],
    ['names nobody', ['example: an order']],
    ['logs its secret', ['shows no secret']],
    ['listens elsewhere', ['example: an order']],
    ['is busy without saying how long', ['says «not now» with a time to wait']],
  ])('%s fails at exactly that', async (flaw, names) => {
    const found = await failing(createWebhookSource(flaw), httpCases);
    expect(found).toEqual(names);
  });

  it('verifies what it parsed fails at the raw bytes', async () => {
    const found = await failing(createWebhookSource('verifies what it parsed'), httpCases);
    expect(found).toContain('verifies the bytes as they came');
    expect(found).toContain('answers whatever comes in');
  });
});

describe.concurrent('a pulling source that', () => {
  it.each<[PullFlaw, string[]]>([
    [
      'saves ahead',
      ['loses nothing when it is stopped between pages', 'loses nothing when its vendor fails'],
    ],
    [
      'saves at the beginning',
      ['loses nothing when it is stopped between pages', 'loses nothing when its vendor fails'],
    ],
    ['takes a failure for the end', ['loses nothing when its vendor fails']],
    ['never saves', ['ends, and begins again where it ended']],
    ['saves too much', ['keeps checkpoints and pages small']],
    ['ignores Retry-After', ['waits as long as it is asked to']],
    ['shrugs at 401', ['pauses when its credentials are refused']],
    ['throws its key', ['shows no secret']],
    ['ignores the signal', ['stops when it is told to']],
    ['drops what it cannot read', ['hands on what it cannot read']],
    ['takes what it cannot read for the end', ['hands on what it cannot read']],
  ])('%s fails at exactly that', async (flaw, names) => {
    expect(await failing(createPullSource(flaw), pullCases)).toEqual(names);
  });
});

describe('a record', () => {
  it.each<[string, Partial<SourceRecord> & object, RegExp | undefined]>([
    ['good', {}, undefined],
    ['of nobody', { identifiers: [] }, /no identifier/],
    ['that erases nobody', { type: 'delete', identifiers: [] }, /no identifier/],
    ['with an empty identifier', { identifiers: [{ namespace: 'email', value: '' }] }, /no value/],
    ['at no time', { timestamp: 'yesterday' }, /no time/],
    ['with an endless id', { messageId: 'x'.repeat(201) }, /201 characters/],
    ['inferred from nothing', { trust: 'inferred' }, /probability/],
    ['with half a character', { context: { a: '\ud800' } }, /\/context\/a/],
  ])('%s', (_title, change, problem) => {
    const found = describeRecordProblem({ ...person(1), ...change } as SourceRecord);
    expect(found ?? 'nothing').toMatch(problem ?? /^nothing$/);
  });
});
