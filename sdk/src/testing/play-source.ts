// Plays a source as the hub does: requests come in one by one, a pull is read page by page.
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
import { settle, type Result } from './settle.ts';
import type { IncomingExample, SourceCases } from './source-cases.ts';
import { createTestClock } from './test-clock.ts';
import { createTestContext } from './test-context.ts';
import { createTestLog, type TestLogLine } from './test-log.ts';
import type { SettingsVerdict } from './validate-settings.ts';

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
  readonly trouble?: SourceTrouble;
  readonly timeoutMs?: number;
  readonly abortAfterMs?: number;
}

interface Scene {
  readonly call: SourceCall<UnknownSettings, unknown>;
  readonly requests: () => readonly VendorRequest[];
  readonly endedAfterAbortMs: () => number | undefined;
}

export interface Traces {
  readonly log: readonly TestLogLine[];
  readonly secrets: readonly string[];
}

async function withSource<Value>(
  { plugin, cases, validate }: SourceStage,
  options: SceneOptions,
  work: (scene: Scene) => Promise<Value>,
): Promise<Value & Traces> {
  const clock = createTestClock({ sleeps: 'pass' });
  let opened = Number.POSITIVE_INFINITY;
  const { trouble } = options;
  const vendor = await startLoopbackVendor((request, index) => {
    if (trouble && index - opened >= trouble.from) return trouble.react(clock.now());
    return cases.vendor?.respond(request) ?? { status: 404 };
  });
  const stop = new AbortController();
  const { signal } = stop;
  let timer: NodeJS.Timeout | undefined;
  let abortedAt: number | undefined;
  try {
    const settings = settingsFor(validate, cases.settings(vendor.url));
    const secrets = collectSecrets(plugin.settings, settings);
    const log = createTestLog(secrets, 'keep');
    const fetch = createPluginFetch({ timeoutMs: options.timeoutMs ?? 5_000, signal, secrets });
    const context = { ...createTestContext({ settings, clock, log, fetch, secrets }), signal };
    const call = { ...context, connection: await plugin.open?.(context) };
    opened = vendor.requests.length;
    timer = setTimeout(() => {
      abortedAt = performance.now();
      stop.abort();
    }, options.abortAfterMs ?? 8_000);
    const value = await work({
      call,
      requests: () => vendor.requests.slice(opened),
      endedAfterAbortMs: () =>
        abortedAt === undefined ? undefined : performance.now() - abortedAt,
    });
    await plugin.close?.(call);
    return { ...value, log: log.lines, secrets };
  } finally {
    clearTimeout(timer);
    await vendor.close();
  }
}

export interface SourceHttpPlay extends Traces {
  readonly result: Result<SourceAnswer>;
}

/** @param change made to the request after it was signed */
export async function playRequest(
  stage: SourceStage,
  example: IncomingExample,
  change: (request: SourceRequest) => SourceRequest = (request) => request,
  signedAt = 0,
): Promise<SourceHttpPlay> {
  return withSource(stage, {}, async ({ call }) => {
    const request = change(createRequest(stage, example, call, call.clock.now() + signedAt));
    const { http } = stage.plugin;
    const result = await settle(async () => {
      if (!http) throw new Error('the cases have a request, but the source listens to none');
      return http.handle({ ...call, request });
    });
    return { result };
  });
}

function createRequest(
  { cases }: SourceStage,
  example: IncomingExample,
  { settings, clock }: SourceCall<UnknownSettings, unknown>,
  now: number,
): SourceRequest {
  const url = new URL(example.path ?? '/', 'http://hub.example');
  const body = bytesOf(example.body);
  const path = url.pathname;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const signature = cases.signing?.sign({ body, path, settings, now }) ?? {};
  for (const [name, value] of Object.entries({ ...example.headers, ...signature })) {
    headers[name.toLowerCase()] = value;
  }
  return {
    method: example.method ?? 'POST',
    path,
    query: url.searchParams,
    headers,
    rawBody: body,
    remoteAddress: '192.0.2.1',
    receivedAt: clock.now(),
  };
}

/** The bytes of an example's body. */
export function bytesOf(body: IncomingExample['body']): Uint8Array {
  if (body === undefined) return new Uint8Array();
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

export interface PullPlay extends Traces {
  readonly pages: readonly SourcePage[];
  readonly thrown: unknown;
  readonly requests: readonly VendorRequest[];
  readonly endedAfterAbortMs: number | undefined;
}

/** A pull of more pages than this does not end. */
const mostPages = 1_000;

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
