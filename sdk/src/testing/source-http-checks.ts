// Requests come from strangers until a signature says otherwise, and in any state.
import { isDeepStrictEqual } from 'node:util';
import type { SourceRecord } from '../record.ts';
import type { UnknownSettings } from '../settings.ts';
import type { HttpAnswer, SourceAnswer, SourceRequest } from '../source.ts';
import { skipCheck, type ContractCheck } from './contract-check.ts';
import { describeRecordProblem } from './describe-record.ts';
import { bytesOf, playRequest, type RequestOptions, type SourceStage } from './play-source.ts';
import type { IncomingExample, SourceExample } from './source-cases.ts';
import { requireThat, show, violate } from './violation.ts';

export type HttpExample = Extract<SourceExample, { readonly in: { readonly request: unknown } }>;

export function sourceHttpChecks(stage: SourceStage): ContractCheck[] {
  const examples = stage.cases.examples.filter(
    (example): example is HttpExample => 'request' in example.in,
  );
  const [first] = examples;
  if (first === undefined || !stage.plugin.http) return [];
  const { request } = first.in;
  return [
    ...examples.map((example) => ({
      name: `example: ${example.title}`,
      run: async (): Promise<void> => checkExample(stage, example),
    })),
    {
      name: 'gives the same request the same message ids',
      run: async () => checkRepeats(stage, examples),
    },
    { name: 'answers whatever comes in', run: async () => checkGarbage(stage, request) },
    { name: 'says «not now» with a time to wait', run: async () => checkBusy(stage) },
    ...(stage.cases.signing
      ? signatureChecks(stage, first)
      : [skipCheck('refuses what is not signed', 'nobody signs what comes in')]),
  ];
}

async function checkExample(stage: SourceStage, example: HttpExample): Promise<void> {
  requireListening(stage, example.in.request);
  const { records, answer } = await accept(stage, example.in.request);
  requireSame(records, example.out.records);
  for (const record of records) {
    const problem = describeRecordProblem(record);
    if (problem) violate(`the hub cannot take ${show(record)}: ${problem}`);
  }
  const { status } = example.out;
  const isRight = status === undefined ? isOk(answer) : answer.status === status;
  requireThat(isRight, `it answered ${answer.status}, expected ${status ?? 'a 2xx'}`);
}

function requireListening({ plugin }: SourceStage, { path = '/' }: IncomingExample): void {
  const { pathname } = new URL(path, 'http://hub.example');
  const paths = plugin.http?.paths ?? [];
  const matches = paths.some((pattern) =>
    pattern.endsWith('*') ? pathname.startsWith(pattern.slice(0, -1)) : pattern === pathname,
  );
  requireThat(matches, `it does not listen to ${pathname}: its paths are ${show(paths)}`);
}

/** Records as they are, undefined members left out. */
export function requireSame(
  found: readonly SourceRecord[],
  expected: readonly SourceRecord[],
): void {
  const [plainFound, plainExpected] = [found, expected].map((records) => plain(records));
  requireThat(
    isDeepStrictEqual(plainFound, plainExpected),
    () => `the records are ${show(found)}, expected ${show(expected)}`,
  );
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

interface Accepted {
  readonly records: readonly SourceRecord[];
  readonly answer: HttpAnswer;
}

async function play(
  stage: SourceStage,
  request: IncomingExample,
  options?: RequestOptions,
): Promise<SourceAnswer> {
  const { result } = await playRequest(stage, request, options);
  if ('value' in result) return result.value;
  return violate(`it threw ${show(result.error)}: bad input is answered, never thrown`);
}

async function accept(
  stage: SourceStage,
  request: IncomingExample,
  options?: RequestOptions,
): Promise<Accepted> {
  const answer = await play(stage, request, options);
  if (!('records' in answer)) return violate(`it took no records: ${show(answer)}`);
  const { records } = answer;
  const receipt = { accepted: records.length, duplicates: 0, quarantined: [] };
  return { records, answer: answer.respond(receipt) };
}

function isOk({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/** A sender that tries again does so later, and to a hub that throws its dice anew. */
const anHourLater = { now: Date.UTC(2026, 0, 1, 1), seed: 2 };

async function checkRepeats(stage: SourceStage, examples: readonly HttpExample[]): Promise<void> {
  for (const { in: input } of examples) await checkRepeat(stage, input.request);
}

async function checkRepeat(stage: SourceStage, request: IncomingExample): Promise<void> {
  const once = await accept(stage, request);
  const again = await accept(stage, request, anHourLater);
  const [ids, repeated] = [once.records.map(idOf), again.records.map(idOf)];
  requireThat(
    isDeepStrictEqual(ids, repeated),
    `sent again an hour later, the ids were ${show(ids)}, then ${show(repeated)}: a sender's retry would count twice`,
  );
}

/** What the hub knows a record by: its id, else all that it says but for how it was sent. */
function idOf({ sentAt: _sentAt, retryCount: _retryCount, ...record }: SourceRecord): unknown {
  return record.messageId ?? plain(record);
}

const garbage: readonly (readonly [string, string | Uint8Array])[] = [
  ['an empty body', ''],
  ['half of JSON', '{"a":'],
  ['null', 'null'],
  ['a number', '42'],
  ['a text', '"x"'],
  ['an empty list', '[]'],
  ['a list of nothing', '[null, 1, "x", []]'],
  ['an empty object', '{}'],
  ['members of other types', '{"id":{},"type":[],"email":1,"batch":"x","customer":null}'],
  ['a prototype', '{"__proto__":{"polluted":1},"constructor":{"prototype":1}}'],
  ['deep nesting', '['.repeat(20_000) + ']'.repeat(20_000)],
  ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00, 0x80, 0x1f, 0x8b])],
  ['text that cannot be stored', '{"email":"a\\u0000b","name":"\\ud800"}'],
];

async function checkGarbage(stage: SourceStage, request: IncomingExample): Promise<void> {
  for (const [what, body] of garbage) {
    const answer = await play(stage, { ...request, body });
    const given = 'records' in answer ? undefined : answer.answer;
    requireThat(
      (given?.status ?? 0) < 500,
      `to ${what} it answered ${given?.status}: senders retry that for ever`,
    );
    if (!('records' in answer)) continue;
    const receipt = { accepted: 0, duplicates: 0, quarantined: [] };
    requireThat(answer.respond(receipt).status < 500, `to ${what} it answered a 5xx`);
  }
}

async function checkBusy({ plugin }: SourceStage): Promise<void> {
  const answer = plugin.http?.busy?.(7);
  if (!answer) return;
  const names = Object.keys(answer.headers ?? {}).map((name) => name.toLowerCase());
  requireThat([429, 503].includes(answer.status), `it is busy with status ${answer.status}`);
  requireThat(names.includes('retry-after'), 'it is busy without `Retry-After`');
}

function signatureChecks(stage: SourceStage, example: HttpExample): ContractCheck[] {
  const { request } = example.in;
  const { signing } = stage.cases;
  return [
    {
      name: 'refuses what is not signed',
      run: async () => checkUnsigned(stage, request),
    },
    {
      name: 'verifies the bytes as they came',
      run: async () => checkRawBody(stage, example),
    },
    {
      name: 'needs its signing secret',
      run: async () => checkSecretNeeded(stage),
    },
    ...(signing?.timed === true
      ? [{ name: 'refuses an old signature', run: async () => checkStale(stage, request) }]
      : []),
  ];
}

/** Refused, and nothing kept: a stranger must not fill the quarantine. */
function requireRefused(answer: SourceAnswer, what: string): void {
  if (!('answer' in answer) || 'unreadable' in answer) {
    violate(`${what} was ${'records' in answer ? 'taken' : 'kept as unreadable'}`);
  }
  const { status } = answer.answer;
  requireThat(status >= 400 && status < 500, `${what} was answered with ${status}, not a 4xx`);
}

async function checkUnsigned(stage: SourceStage, request: IncomingExample): Promise<void> {
  const names = signatureNames(stage);
  const without = (headers: SourceRequest['headers'], value?: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(headers).flatMap(([name, old]) =>
        names.has(name) ? (value === undefined ? [] : [[name, value]]) : [[name, old]],
      ),
    );
  const changed = async (
    change: (incoming: SourceRequest) => SourceRequest,
  ): Promise<SourceAnswer> => play(stage, request, { change });
  const unsigned = await changed((incoming) => ({
    ...incoming,
    headers: without(incoming.headers),
  }));
  requireRefused(unsigned, 'a request without a signature');
  const emptied = await changed((incoming) => ({
    ...incoming,
    headers: without(incoming.headers, ''),
  }));
  requireRefused(emptied, 'a request with an empty signature');
  const forged = await changed((incoming) => ({ ...incoming, rawBody: tamper(incoming.rawBody) }));
  requireRefused(forged, 'a body that was changed after it was signed');
  const garbled = await changed((incoming) => ({
    ...incoming,
    headers: without(incoming.headers, 'garbled,'.repeat(50)),
  }));
  requireRefused(garbled, 'a request with a garbled signature');
}

function signatureNames({ cases }: SourceStage): ReadonlySet<string> {
  const settings = cases.settings('http://127.0.0.1:9');
  const headers =
    cases.signing?.sign({ body: new Uint8Array(), path: '/', settings, now: 0 }) ?? {};
  return new Set(Object.keys(headers).map((name) => name.toLowerCase()));
}

/** Still the same JSON to a careless eye: one space more. */
function tamper(body: Uint8Array): Uint8Array {
  return Buffer.concat([body, Buffer.from(' ')]);
}

async function checkRawBody(stage: SourceStage, { in: input, out }: HttpExample): Promise<void> {
  const spaced = Buffer.concat([Buffer.from(' '), bytesOf(input.request.body), Buffer.from('\n')]);
  const answer = await play(stage, { ...input.request, body: spaced });
  if (!('records' in answer)) {
    violate('a genuine body with white space around it was refused: verify the raw bytes');
  }
  const { length } = answer.records;
  requireThat(
    length === out.records.length,
    `white space around the body made ${length} records of it`,
  );
}

const isEmptied = (secret: unknown): unknown => (Array.isArray(secret) ? [] : '');

/** The settings without the member at `path`, or with what is put in its place. */
function withoutMember(
  settings: UnknownSettings,
  [name = '', ...below]: readonly string[],
  instead?: (value: unknown) => unknown,
): UnknownSettings {
  const { [name]: value, ...others } = settings;
  if (below.length > 0 && typeof value === 'object' && value !== null) {
    return { ...others, [name]: withoutMember({ ...value }, below, instead) };
  }
  return instead ? { ...others, [name]: instead(value) } : others;
}

async function checkSecretNeeded({ plugin, cases, validate }: SourceStage): Promise<void> {
  const settings = cases.settings('http://127.0.0.1:9');
  for (const name of cases.signing?.secrets ?? []) {
    const path = name.split('.');
    const poorer = [withoutMember(settings, path), withoutMember(settings, path, isEmptied)];
    for (const candidate of poorer) {
      const verdict = validate(candidate);
      const problems = verdict.ok ? (plugin.validate?.(verdict.settings) ?? []) : verdict.problems;
      requireThat(
        problems.length > 0,
        `settings without ${name} pass: nothing would be verified then`,
      );
    }
  }
}

const aDayMs = 86_400_000;

async function checkStale(stage: SourceStage, request: IncomingExample): Promise<void> {
  const answer = await play(stage, request, { signedAfterMs: -aDayMs });
  requireRefused(answer, 'a request signed a day ago');
}
