// What a mapping may cost and what it may give; and its tests, as the settings carry them.
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { JsonValue } from '@tributary/sdk';
import { createTestContext } from '@tributary/sdk/testing';
import { handle } from './handle.ts';
import {
  createMessageMapper,
  type Mapped,
  type Message,
  type MessageMapper,
} from './map-message.ts';
import { messageOf, packMessage, unpackMessage } from './message.ts';
import type { Settings } from './settings.ts';
import { previewMessage, runTests } from './try-mapping.ts';

const settings = (mapping: string, more: Partial<Settings> = {}): Settings => ({
  verify: { bearer: { tokens: ['a-token-of-the-tests'] } },
  mapping,
  ...more,
});
const order =
  '{"type":"track","event":"Order","identifiers":[{"namespace":"user_id","value":$string(id)}]}';
const record = '{"type":"delete","identifiers":[{"namespace":"user_id","value":$string(id)}]}';

function mapperOf(given: Settings): MessageMapper {
  const mapper = createMessageMapper(given);
  onTestFinished(() => mapper.close());
  return mapper;
}

const bytes = (body: JsonValue): Uint8Array => Buffer.from(JSON.stringify(body));

async function map(
  mapper: MessageMapper,
  given: Settings,
  body: JsonValue,
  signal?: AbortSignal,
): Promise<Mapped> {
  const request = { headers: {}, query: new URLSearchParams(), path: '/', rawBody: bytes(body) };
  return mapper.map(messageOf(body, request, given), signal);
}

const isBusy = (mapped: Mapped): boolean =>
  'problem' in mapped && mapped.problem.code === 'MAPPING_BUSY';

const slow = `text ? $contains(text, /^(a+)+$/) : ${record}`;
const slowBody = { text: `${'a'.repeat(40)}!` };

it.each([
  [
    'a call of itself without end',
    '( $f := function($x) { $f($x) }; $f(1) )',
    /D1012, it takes too long/,
  ],
  ['a call of itself too deep', '( $f := function($x) { 1 + $f($x) }; $f(1) )', /D1011/],
  ['a list without end', '[1..90000000].{ "a": $ }', /D2014, it makes/],
  ['a regular expression that never ends', `$contains(text, /^(a+)+$/)`, /it takes too long/],
  [
    'a text of gigabytes',
    '( $s := $pad("x", 100000000); $map([1..90], function($n) { $s & $string($n) ~> $uppercase }) )',
    /too long|too much memory|it failed/,
  ],
  ['a word of the sender’s', '$error("no"  & text)', /D3137, it says/],
  ['types that do not fit', 'text + 1', /column 14: T2001, The left side/],
])('%s costs this message and no other', async (_, mapping, problem) => {
  const given = settings(`text ? (${mapping}) : ${record}`);
  const mapper = mapperOf(given);
  const body = { text: `${'a'.repeat(40)}!` };
  const answers = await Promise.all([
    map(mapper, given, { id: 1 }),
    map(mapper, given, body),
    map(mapper, given, { id: 2 }),
  ]);
  expect(answers[0]).toHaveProperty('records.length', 1);
  expect(answers[1]).toMatchObject({ problem: { code: 'MAPPING_FAILED' } });
  expect(JSON.stringify(answers[1])).toMatch(problem);
  expect(JSON.stringify(answers[1])).not.toContain('aaaa');
  expect(answers[2]).toHaveProperty('records.length', 1);
});

it.skipIf(process.platform === 'win32')(
  'a mapping that never ends ends with the hub that died meanwhile',
  async () => {
    const file = fileURLToPath(new URL('./mapping-process.ts', import.meta.url));
    const order = { mapping: '$contains(text, /^(a+)+$/)', timeMs: 1_000, outputBytes: 1_000 };
    const hub = spawn(process.execPath, [
      '--eval',
      `const stdio = ['ignore', 'inherit', 'ignore', 'ipc'];
       const options = { stdio, serialization: 'advanced' };
       const child = require('node:child_process').fork(${JSON.stringify(file)}, options);
       child.send(${JSON.stringify(order)});
       child.once('message', () => {
         child.send(JSON.stringify({ body: { text: 'a'.repeat(40) + '!' }, bindings: {} }));
         console.log(child.pid);
       });`,
    ]);
    // Both write there: it is closed once both have ended.
    const ended = once(hub.stdout, 'close');
    const pid = Number(String((await once(hub.stdout, 'data'))[0]));
    onTestFinished(() => void (hub.stdout.closed || process.kill(pid, 'SIGKILL')));
    await setTimeout(300);
    hub.kill('SIGKILL');
    await once(hub, 'exit');
    expect(hub.stdout.closed).toBe(false);
    await ended;
  },
  20_000,
);

/** Nothing else happens meanwhile. */
function holdThread(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

it.skipIf(process.platform === 'win32')(
  'what ends a whole group of processes leaves the mapping to the hub',
  async () => {
    const child = fork(fileURLToPath(new URL('./mapping-process.ts', import.meta.url)), {
      serialization: 'advanced',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    child.send({ mapping: order, messageId: undefined, timeMs: 1_000, outputBytes: 1_000 });
    expect((await once(child, 'message'))[0]).toBe('ready');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) child.kill(signal);
    await setTimeout(200);
    child.send(JSON.stringify({ body: { id: 1 }, bindings: {} }));
    expect((await once(child, 'message'))[0]).toMatchObject({ json: expect.any(String) });
    child.disconnect();
    await once(child, 'exit');
  },
);

it.skipIf(process.platform !== 'linux')(
  'a message is not blamed for a process that died before it came',
  async () => {
    const given = settings(order);
    const mapper = mapperOf(given);
    await map(mapper, given, { id: 1 });
    const children = ['-P', String(process.pid), '-f', 'mapping-process'];
    const pids = execFileSync('pgrep', children).toString().trim().split('\n').map(Number);
    expect(pids).toHaveLength(1);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    holdThread(200);
    expect(await map(mapper, given, { id: 2 })).toHaveProperty('records.length', 1);
  },
);

it('a message is not blamed for a hub that was held up', async () => {
  const given = settings(order, { limits: { time: '50ms' } });
  const mapper = mapperOf(given);
  await map(mapper, given, { id: 1 });
  const mapped = map(mapper, given, { id: 2 });
  holdThread(1_500);
  expect(await mapped).toHaveProperty('records.length', 1);
});

it('a message that nobody waits for any more is not mapped', async () => {
  const given = settings(slow, { limits: { time: '100ms' } });
  const mapper = mapperOf(given);
  const late = new AbortController();
  const head = map(mapper, given, slowBody, late.signal);
  const behind = Array.from({ length: 20 }, () => map(mapper, given, slowBody, late.signal));
  const last = map(mapper, given, { id: 1 });
  late.abort();
  expect((await Promise.all(behind)).every(isBusy)).toBe(true);
  expect(await head).toMatchObject({ problem: { code: 'MAPPING_FAILED' } });
  expect(await last).toHaveProperty('records.length', 1);
  expect(isBusy(await map(mapper, given, { id: 2 }, late.signal))).toBe(true);
});

it.each([
  ['messages', 1_100, 'x', 1_001],
  ['bytes', 20, 'x'.repeat(1_000_000), 16],
])('only so many %s wait, the rest is to come again', async (_, count, text, most) => {
  const given = settings(record);
  const mapper = mapperOf(given);
  const all = await Promise.all(
    Array.from({ length: count }, (__, id) => map(mapper, given, { id, text })),
  );
  expect(all.findIndex(isBusy)).toBe(most);
  expect(all.filter((mapped) => 'records' in mapped)).toHaveLength(most);
  expect(await map(mapper, given, { id: 1, text })).toHaveProperty('records.length', 1);
});

it('asks to be sent a message again that it did not come to', async () => {
  const busy = {
    code: 'MAPPING_BUSY',
    message: 'MAPPING_BUSY: mapping: too much is waiting.',
  } as const;
  const asked: (AbortSignal | undefined)[] = [];
  const connection = {
    verify: () => ({ ok: true as const }),
    mapper: {
      async map(_: Message, signal?: AbortSignal): Promise<Mapped> {
        asked.push(signal);
        return { problem: busy };
      },
      close: async () => {},
    },
  };
  const call = new AbortController();
  const request = {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: {},
    rawBody: bytes({ id: 1 }),
    remoteAddress: '127.0.0.1',
    receivedAt: 0,
  };
  const context = createTestContext({ settings: settings(record) });
  const answer = await handle({ ...context, signal: call.signal, connection, request });
  expect(answer).toMatchObject({ answer: { status: 503, headers: { 'retry-after': '1' } } });
  expect(answer).not.toHaveProperty('unreadable');
  call.abort();
  expect(asked[0]?.aborted).toBe(true);
});

it('a captured message is no new one under headers that nobody signed', async () => {
  const given = settings(order, {
    verify: { preset: 'shopify', secrets: ['a-secret-of-the-tests'] },
  });
  const mapper = mapperOf(given);
  const [body, query] = [{ id: 7 }, new URLSearchParams()];
  const idUnder = async (headers: Record<string, string>): Promise<unknown> => {
    const request = { headers, query, path: '/', rawBody: bytes(body) };
    const mapped = await mapper.map(messageOf(body, request, given));
    return 'records' in mapped ? mapped.records[0]?.messageId : mapped.problem;
  };
  const own = await idUnder({ 'x-shopify-topic': 'orders/paid', 'x-shopify-event-id': 'e-1' });
  expect(own).toMatch(/^[0-9a-f]{64}$/);
  expect(await idUnder({ 'x-shopify-topic': 'customers/redact' })).toBe(own);
  expect(await idUnder({ 'x-shopify-topic': 'made/up', 'x-shopify-event-id': 'e-2' })).toBe(own);
});

it.each([
  ['no record', '"text"', /record 0: type/],
  ['a misspelt member', '{"type":"track","evnt":"A","identifiers":[]}', /record 0: record must/],
  ['a function', '{"type":"track","event":$string,"identifiers":[]}', /record 0: \/event/],
  ['too much', '$pad("x", 3000)', /more than 2000 bytes/],
  ['too many', '[1..6].{"type":"delete","identifiers":[]}', /6 records, at most 5/],
])('%s is refused', async (_, mapping, problem) => {
  const given = settings(mapping, { limits: { outputBytes: 2_000, records: 5 } });
  expect(JSON.stringify(await map(mapperOf(given), given, {}))).toMatch(problem);
});

it('reaches nothing but the message', async () => {
  const tries = [
    '$.constructor',
    '$.__proto__',
    '$$.constructor.constructor("return 1")()',
    '$lookup($, "constructor")',
    'process',
    '$process',
    '$globalThis',
    '$string.constructor',
    '$keys($.__proto__)',
  ];
  for (const expression of tries) {
    const given = settings(`{"found": ${expression}}`);
    const { problems } = await previewMessage(given, { body: bytes({ a: 1 }) });
    const refused = [expect.stringContaining('record 0: type ""')];
    expect({ expression, problems }).toEqual({ expression, problems: refused });
  }
  expect({}).not.toHaveProperty('polluted');
});

it('gives a message the same ids whenever it comes', async () => {
  const idsOf = async (given: Settings, body: JsonValue): Promise<unknown> => {
    const { records, problems } = await previewMessage(given, { body: bytes(body) });
    expect(problems).toEqual([]);
    return records.map(({ messageId }) => messageId);
  };
  const [hash] = (await idsOf(settings(order), { id: 1 })) as string[];
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(await idsOf(settings(order), { id: 1 })).toEqual([hash]);
  expect(await idsOf(settings(`[${order}, ${order}]`), { id: 1 })).toEqual([
    `${hash}:0`,
    `${hash}:1`,
  ]);
  const named = { messageId: '"evt-" & id' };
  expect(await idsOf(settings(order, named), { id: 1 })).toEqual(['evt-1']);
  expect(await idsOf(settings(order, { messageId: 'x' }), { id: 1 })).toEqual([hash]);
  const [long = ''] = (await idsOf(settings(order, { messageId: 'text' }), {
    id: 1,
    text: 'x'.repeat(500),
  })) as string[];
  expect(long.length).toBeLessThanOrEqual(200);
});

it('leaves it to the hub to tell one no from the next where a message has no id of its own', async () => {
  const no = '{"type":"delete","identifiers":[{"namespace":"user_id","value":"u1"}]}';
  const idOf = async (mapping: string, more: Partial<Settings> = {}): Promise<unknown> => {
    const { records } = await previewMessage(settings(mapping, more), { body: bytes({ id: 1 }) });
    return records.map(({ messageId }) => messageId);
  };
  expect(await idOf(no)).toEqual([undefined]);
  expect(await idOf(no, { messageId: '"evt-" & id' })).toEqual(['evt-1']);
  const dated = no.replace('{', '{"timestamp":"2026-01-01T00:00:00Z",');
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(await idOf(dated)).toEqual([hash]);
});

it('says of the id of a yes and a no together that it is no more than their content', async () => {
  const choice =
    '{"type":"consent","identifiers":[{"namespace":"user_id","value":"u1"}],"consents":[{"purpose":"email_marketing","status":"granted"},{"purpose":"ads","status":"denied"}]}';
  const first = async (mapping: string, more: Partial<Settings> = {}): Promise<unknown> =>
    (await previewMessage(settings(mapping, more), { body: bytes({ id: 1 }) })).records[0];
  const messageId = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(await first(choice)).toMatchObject({ messageId, isContentId: true });
  expect(await first(choice, { messageId: '"evt-" & id' })).not.toHaveProperty('isContentId');
  const preferences = '"event":"A","context":{"consent":{"categoryPreferences":{"ads":false}}}';
  const event = order.replace('"event":"Order"', preferences);
  expect(await first(event)).toMatchObject({ messageId, isContentId: true });
  for (const plain of [
    order,
    choice.replace('denied', 'granted'),
    choice.replace('{', '{"timestamp":"2026-01-01T00:00:00Z",'),
    choice.replace('{', '{"messageId":"own",'),
  ]) {
    expect(await first(plain)).not.toHaveProperty('isContentId');
  }
});

it('keeps a message so that it can be mapped again, without its credentials', () => {
  const request = {
    headers: { authorization: 'Bearer a-token-of-the-tests', 'x-topic': 'order' },
    query: new URLSearchParams('a=1'),
    path: '/x',
    rawBody: bytes({ id: 1 }),
  };
  const message = messageOf({ id: 1 }, request, settings(record));
  expect(message.headers).toEqual({ 'x-topic': 'order' });
  expect(unpackMessage(packMessage(message))).toEqual(message);
  for (const other of ['', '{}', 'null', '{"webhook":1}', '{"webhook":{"path":1}}']) {
    expect(unpackMessage(Buffer.from(other))).toBeUndefined();
  }
});

it('runs the tests of its settings and says what differs', async () => {
  const out = [{ type: 'delete', identifiers: [{ namespace: 'user_id', value: '1' }] }];
  const results = await runTests(
    settings(`$headers.topic = "skip" ? [] : ${record}`, {
      tests: [
        { title: 'fits', in: { id: 1 }, out },
        { title: 'headers are there', in: { id: 1 }, headers: { topic: 'skip' }, out: [] },
        { title: 'differs', in: { id: 2 }, out },
        { title: 'more than expected', in: { id: 1 }, out: [] },
        { title: 'fails', in: { id: { a: 1 }, type: '$' }, out: [] },
      ],
    }),
  );
  expect(results.map(({ problem }) => problem)).toEqual([
    undefined,
    undefined,
    'out[0].identifiers[0].value: found "2", expected "1"',
    expect.stringContaining('found 1 records'),
    expect.stringContaining('found 1 records'),
  ]);
  expect(results.at(-1)?.path).toBe('/tests/4');
});
