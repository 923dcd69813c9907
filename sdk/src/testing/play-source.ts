// Plays a source as the hub does: requests come in one by one, a pull is read page by page.
import { setTimeout as sleep } from 'node:timers/promises';
import { createPluginFetch } from '../create-fetch.ts';
import type { JsonValue } from '../json.ts';
import { collectSecrets } from '../redact.ts';
import type { UnknownSettings } from '../settings.ts';
import type {
  SourceAnswer,
  SourceCall,
  SourcePage,
  SourcePlugin,
  SourceRequest,
} from '../source.ts';
import { startLoopbackVendor, type VendorReaction, type VendorRequest } from './loopback-vendor.ts';
import { settingsFor } from './play-destination.ts';
import { onlyTo } from './only-to.ts';
import type { FunctionPlay } from './function-play.ts';
import { closeInTime, openInTime, settle, type Result } from './settle.ts';
import { createSpoiler, type Spoiling } from './spoil.ts';
import type { IncomingExample, SourceCases } from './source-cases.ts';
import { createTestClock } from './test-clock.ts';
import { createTestContext } from './test-context.ts';
import { createTestLog, type TestLogLine } from './test-log.ts';
import type { SettingsVerdict } from './validate-settings.ts';

/**
 * A source and all that is needed to play it; `validate` is a `createSettingsValidator` of its schema.
 */
export interface SourceStage {
  readonly plugin: SourcePlugin;
  readonly cases: SourceCases;
  readonly validate: (settings: unknown) => SettingsVerdict;
}

export interface SourceTrouble {
  /** From this request on (counted from 0, after opening) the vendor reacts so. */
  readonly from: number;
  react(now: number): VendorReaction;
}

interface SceneOptions {
  /** The vendor cannot be reached at all. */
  readonly down?: boolean;
  readonly trouble?: SourceTrouble;
  /** When it is played, milliseconds since 1970. Default 2026-01-01T00:00Z. */
  readonly now?: number;
  /** Of the context's randomness. Default 1. */
  readonly seed?: number;
  /** A page of the vendor holds items that are not what they were. */
  readonly spoil?: Spoiling;
  readonly timeoutMs?: number;
  readonly abortAfterMs?: number;
}

interface Scene {
  readonly call: SourceCall<UnknownSettings, unknown>;
  readonly requests: () => readonly VendorRequest[];
  readonly endedAfterAbortMs: () => number | undefined;
  /** What the hub does when it stops. */
  readonly abort: () => void;
}

export interface Traces {
  readonly log: readonly TestLogLine[];
  readonly secrets: readonly string[];
  /** Hosts other than the vendor's that it asked, or tried to. */
  readonly strangers: readonly string[];
}

async function withSource<Value>(
  { plugin, cases, validate }: SourceStage,
  options: SceneOptions,
  work: (scene: Scene) => Promise<Value>,
): Promise<Value & Traces> {
  const { now, seed } = options;
  const clock = createTestClock({ sleeps: 'pass', ...(now !== undefined && { now }) });
  let opened = Number.POSITIVE_INFINITY;
  const { trouble } = options;
  const spoil = options.spoil && createSpoiler(options.spoil);
  const vendor = await startLoopbackVendor(async (request, index) => {
    if (trouble && index - opened >= trouble.from) return trouble.react(clock.now());
    const answer = (await cases.vendor?.respond(request)) ?? { status: 404 };
    return spoil && index >= opened ? spoil(request, answer) : answer;
  });
  const stop = new AbortController();
  const instance = new AbortController();
  const strangers: string[] = [];
  const upstream = await cases.upstream?.();
  let timer: NodeJS.Timeout | undefined;
  let abortedAt: number | undefined;
  try {
    const settings = settingsFor(validate, cases.settings(upstream?.url ?? vendor.url));
    const secrets = collectSecrets(plugin.settings, settings);
    const log = createTestLog(secrets, 'keep');
    // As in the hub: what is fetched ends with the instance, and a run that is ended only by its signal.
    const bounded = createPluginFetch({
      timeoutMs: options.timeoutMs ?? 5_000,
      signal: instance.signal,
      secrets,
    });
    const fetch = onlyTo(vendor.url, strangers)(bounded);
    const given = createTestContext({
      settings,
      clock,
      log,
      fetch,
      secrets,
      ...(seed !== undefined && { seed }),
    });
    const context = { ...given, signal: instance.signal };
    const signal = AbortSignal.any([instance.signal, stop.signal]);
    const connection: unknown = await openInTime(async () => plugin.open?.(context));
    const call = { ...context, connection, signal };
    opened = vendor.requests.length;
    if (options.down === true) await vendor.close();
    timer = setTimeout(() => {
      abortedAt = performance.now();
      stop.abort();
    }, options.abortAfterMs ?? 8_000);
    const value = await work({
      call,
      abort() {
        abortedAt = performance.now();
        stop.abort();
      },
      requests: () => vendor.requests.slice(opened),
      endedAfterAbortMs: () =>
        abortedAt === undefined ? undefined : performance.now() - abortedAt,
    });
    await closeInTime(async () => plugin.close?.({ ...call, signal: instance.signal }));
    return { ...value, log: log.lines, secrets, strangers };
  } finally {
    clearTimeout(timer);
    instance.abort();
    await upstream?.stop();
    if (options.down !== true) await vendor.close();
  }
}

/** Plays a function that is neither of the ways in which records come, e.g. `check`. */
export async function playSourceFunction(
  stage: SourceStage,
  options: SceneOptions,
  work: (call: SourceCall<UnknownSettings, unknown>) => Promise<unknown>,
): Promise<FunctionPlay> {
  return withSource(stage, options, async ({ call, requests, endedAfterAbortMs }) => {
    const result = await settle(async () => work(call));
    return { result, requests: requests().length, endedAfterAbortMs: endedAfterAbortMs() };
  });
}

export interface SourceHttpPlay extends Traces {
  readonly result: Result<SourceAnswer>;
}

/** How a request differs from the example. Default: in nothing. */
export interface RequestOptions {
  /** Made to the request after it was signed. Default: none. */
  readonly change?: (request: SourceRequest) => SourceRequest;
  /** Milliseconds from now at which it was signed, e.g. -60,000. Default 0. */
  readonly signedAfterMs?: number;
  /** When it comes in, milliseconds since 1970. Default 2026-01-01T00:00Z. */
  readonly now?: number;
  /** Of the context's randomness. Default 1. */
  readonly seed?: number;
}

/** Plays a request as it comes in, signed by the cases' `signing`. */
export async function playRequest(
  stage: SourceStage,
  example: IncomingExample,
  { change = (request) => request, signedAfterMs = 0, ...scene }: RequestOptions = {},
): Promise<SourceHttpPlay> {
  return withSource(stage, scene, async ({ call }) => {
    const signedAt = call.clock.now() + signedAfterMs;
    const request = change(createRequest(stage, example, call, signedAt));
    const { http } = stage.plugin;
    const result = await settle(async () => {
      if (!http) throw new Error('the cases have a request, but the source listens to none');
      return http.handle({ ...call, request });
    });
    return { result };
  });
}

function createRequest(
  stage: SourceStage,
  example: IncomingExample,
  { settings, clock }: SourceCall<UnknownSettings, unknown>,
  now: number,
): SourceRequest {
  const url = new URL(example.path ?? '/', 'http://hub.example');
  const body = bytesOf(example.body);
  return {
    method: example.method ?? 'POST',
    path: url.pathname,
    query: url.searchParams,
    headers: signedHeaders(stage, example, settings, now),
    rawBody: body,
    remoteAddress: '192.0.2.1',
    receivedAt: clock.now(),
  };
}

/** The headers of an example, names in lower case, with those that make it genuine. */
export function signedHeaders(
  { cases }: SourceStage,
  example: IncomingExample,
  settings: UnknownSettings,
  now = 0,
): Record<string, string> {
  const body = bytesOf(example.body);
  const path = new URL(example.path ?? '/', 'http://hub.example').pathname;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const signature = cases.signing?.sign({ body, path, settings, now }) ?? {};
  for (const [name, value] of Object.entries({ ...example.headers, ...signature })) {
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

/** The bytes of an example's body. */
export function bytesOf(body: IncomingExample['body']): Uint8Array {
  if (body === undefined) return new Uint8Array();
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/**
 * What a pull yielded and asked its vendor for. `endedAfterAbortMs`: real milliseconds from the abort to its end.
 */
export interface PullPlay extends Traces {
  readonly pages: readonly SourcePage[];
  readonly thrown: unknown;
  readonly requests: readonly VendorRequest[];
  readonly endedAfterAbortMs: number | undefined;
}

/** A pull of more pages than this does not end. */
const mostPages = 1_000;

/**
 * Plays one pull from a checkpoint on (undefined: the first ever), to its end or its error.
 * What `pull` throws comes back as `thrown`, beside the pages before it; what `open` or `close` throws is thrown on.
 * @throws ContractViolation where the settings of the cases break the schema.
 */
export async function playPull(
  stage: SourceStage,
  checkpoint: JsonValue | undefined,
  options: SceneOptions = {},
): Promise<PullPlay> {
  return withSource(stage, options, async ({ call, requests, endedAfterAbortMs }) => {
    const pages: SourcePage[] = [];
    const result = await settle(async () => {
      const pulled = stage.plugin.pull?.({ ...call, checkpoint }) ?? [];
      for await (const page of pulled) {
        pages.push(page);
        if (pages.length > mostPages)
          throw new Error(`the pull has not ended after ${mostPages} pages`);
      }
    });
    return {
      pages,
      thrown: 'error' in result ? result.error : undefined,
      requests: requests(),
      endedAfterAbortMs: endedAfterAbortMs(),
    };
  });
}

/** What a stream yielded until it was stopped. */
export interface StreamPlay extends PullPlay {
  /** Requests that came while the first page was held. */
  readonly whileHeld: number;
}

interface StreamOptions {
  readonly checkpoint: JsonValue | undefined;
  /** Ended after so many records, as the hub ends a stream: by its signal. */
  readonly records: number;
  /** Real milliseconds for which the first page is held, as by a hub that is slow. Default 0. */
  readonly holdMs?: number;
  readonly spoil?: Spoiling;
  /** Ended after so many real milliseconds at the latest. Default 8,000. */
  readonly abortAfterMs?: number;
}

/** Reads a stream until it has yielded enough, then stops it. */
export async function playStream(stage: SourceStage, options: StreamOptions): Promise<StreamPlay> {
  // Where nothing is expected, it is stopped while it waits.
  const { spoil, abortAfterMs = options.records === 0 ? 150 : undefined } = options;
  const scene = { ...(spoil && { spoil }), ...(abortAfterMs !== undefined && { abortAfterMs }) };
  return withSource(stage, scene, async ({ call, requests, endedAfterAbortMs, abort }) => {
    const pages: SourcePage[] = [];
    let count = 0;
    let whileHeld = 0;
    const result = await settle(async () => {
      const { checkpoint } = options;
      for await (const page of stage.plugin.stream?.({ ...call, checkpoint }) ?? []) {
        if (call.signal.aborted) break;
        pages.push(page);
        count += page.records.length;
        if (pages.length === 1 && options.holdMs !== undefined) {
          const before = requests().length;
          const until = performance.now() + options.holdMs;
          // What reads on for ever need not be watched for long.
          while (performance.now() < until && whileHeld < 10) {
            await sleep(10);
            whileHeld = requests().length - before;
          }
        }
        if (options.records > 0 && count >= options.records) abort();
        if (pages.length > mostPages) throw new Error(`${mostPages} pages hold ${count} records`);
      }
    });
    return {
      pages,
      thrown: 'error' in result ? result.error : undefined,
      requests: requests(),
      endedAfterAbortMs: endedAfterAbortMs(),
      whileHeld,
    };
  });
}
