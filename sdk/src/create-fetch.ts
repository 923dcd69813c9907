// The fetch that the hub hands to plugins, so that no plugin has to remember the time-out, the bound
// on the answer, or what a broken connection says about whether the request was acted upon.
import { fetch as undiciFetch, type Agent, type Dispatcher } from 'undici';
import { createGuardedAgent } from './address-guard.ts';
import { boundBody, type AnswerWithBody } from './bounded-body.ts';
import type { AddressGuard, PluginFetch, PluginFetchInit } from './context.ts';
import { createDeadline } from './deadline.ts';
import { networkError, unsentError } from './network-error.ts';
import { PluginError, type PluginErrorKind } from './plugin-error.ts';

/** One call, as it is counted: never the path, the query or a header. */
export interface FetchCall {
  readonly method: string;
  readonly host: string;
  /** Until the answer's head was there, or the failure. */
  readonly milliseconds: number;
  readonly status?: number;
  readonly failure?: PluginErrorKind;
}

/** The bounds and the manners of one instance's fetch. All are optional; the defaults are the hub's. */
export interface PluginFetchOptions {
  /** For the whole exchange. Default 30,000. */
  readonly timeoutMs?: number;
  /** Of the answer's body, decompressed. Default 10 MiB. */
  readonly maxAnswerBytes?: number;
  /** Aborts every call, e.g. when the instance stops. */
  readonly signal?: AbortSignal;
  /** Never shown in an error. */
  readonly secrets?: readonly string[];
  /** Told of every call once its head is there or it failed. */
  onCall?(call: FetchCall): void;
  /** Stands in for the network. Default: the runtime's, or undici's where a dispatcher is in play. */
  readonly fetch?: typeof fetch;
  /** undici's: connections, proxy, TLS. A guard of a single call takes precedence. */
  readonly dispatcher?: Dispatcher;
  /** Milliseconds, monotonic. Default: the runtime's. */
  readonly now?: () => number;
}

/** Builds the `PluginFetch` of one instance. */
export function createPluginFetch(options: PluginFetchOptions = {}): PluginFetch {
  const now = options.now ?? ((): number => performance.now());
  const send = createSend(options);
  return async (target, init = {}) => {
    const url = parseTarget(target);
    const method = (init.method ?? 'GET').toUpperCase();
    const call = { method, host: url.host };
    const what = `${method} ${url.origin}`;
    const deadline = createDeadline(init.timeoutMs ?? options.timeoutMs ?? 30_000, [
      options.signal,
      init.signal ?? undefined,
    ]);
    if (deadline.signal.aborted) throw unsentError(what);
    const describe = (error: unknown): PluginError =>
      networkError(error, { what, ended: deadline.ended(), secrets: options.secrets ?? [] });
    const startedAt = now();
    try {
      const answer = await send(url, { ...init, redirect: 'manual', signal: deadline.signal });
      const maxBytes = init.maxAnswerBytes ?? options.maxAnswerBytes ?? 10 * 1024 * 1024;
      const bounded = boundBody(answer, { maxBytes, describe, done: deadline.release });
      options.onCall?.({ ...call, milliseconds: now() - startedAt, status: answer.status });
      return bounded;
    } catch (error) {
      const failure = describe(error);
      deadline.release();
      options.onCall?.({ ...call, milliseconds: now() - startedAt, failure: failure.kind });
      throw failure;
    }
  };
}

type Send = (url: URL, init: PluginFetchInit) => Promise<AnswerWithBody>;

/** A fake gets everything; else a guarded call, or one with a dispatcher, goes through undici. */
function createSend(options: PluginFetchOptions): Send {
  const guarded = createAgents();
  return async (url, { timeoutMs: _timeoutMs, maxAnswerBytes: _max, guard, ...init }) => {
    if (options.fetch) return options.fetch(url, init);
    const dispatcher = guard ? guarded(guard) : options.dispatcher;
    if (dispatcher) return sendThrough(dispatcher, url, init);
    return fetch(url, init);
  };
}

/** One agent per allow list, so that connections are kept; few lists are in use at a time. */
function createAgents(): (guard: AddressGuard) => Agent {
  const agents = new Map<string, Agent>();
  return (guard) => {
    const key = JSON.stringify(guard.allow ?? []);
    const known = agents.get(key);
    if (known) return known;
    const agent = createGuardedAgent(guard);
    if (agents.size >= mostAgents) agents.clear();
    agents.set(key, agent);
    return agent;
  };
}
const mostAgents = 100;

// undici's fetch does not know the runtime's own FormData: it is encoded here.
async function sendThrough(
  dispatcher: Dispatcher,
  url: URL,
  init: RequestInit,
): Promise<AnswerWithBody> {
  const headers = new Headers(init.headers);
  let { body } = init;
  if (body instanceof FormData) {
    const encoded = new Response(body);
    headers.set('content-type', encoded.headers.get('content-type') ?? '');
    body = await encoded.arrayBuffer();
  }
  return undiciFetch(url, {
    ...(init.method === undefined ? {} : { method: init.method }),
    ...(init.signal ? { signal: init.signal } : {}),
    ...(body === undefined || body === null ? {} : { body }),
    headers: [...headers],
    redirect: 'manual',
    duplex: 'half',
    dispatcher,
  });
}

function parseTarget(target: string | URL): URL {
  const url = URL.parse(String(target));
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new PluginError('rejected', 'the target of a call is no http or https URL');
}
