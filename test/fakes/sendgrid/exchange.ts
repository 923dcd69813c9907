// One request and its answer: read, journal, fault, credential, limit, endpoint, answer. Each step
// is a function of its own; this file says in which order they come.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Account } from './account.ts';
import { describeError, fail, finish, tooManyRequests } from './answering.ts';
import { contactRoutes } from './contact-routes.ts';
import { erasureRoutes } from './erasure-routes.ts';
import type { Faults } from './faults.ts';
import { fieldRoutes } from './field-routes.ts';
import type { Journal, JournalRecorder } from './journal.ts';
import { listRoutes } from './list-routes.ts';
import { mailRoutes } from './mail-routes.ts';
import type { RateLimits } from './rate-limits.ts';
import { createRouter, type Route, type RouteMatch, type VendorAnswer } from './router.ts';
import { scopeRoutes, type Credentials } from './scope-routes.ts';
import { searchRoutes } from './search-routes.ts';
import { suppressionRoutes } from './suppression-routes.ts';
import { parseBody, readBody } from './transport.ts';
import { forbidden, notFound, unauthorized, VendorError } from './vendor-error.ts';

export interface ExchangeParts {
  readonly account: Account;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly rateLimits: RateLimits;
  readonly credentials: Credentials;
}

interface Arrival {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly bytes: Buffer;
  readonly record: JournalRecorder;
}

export function createExchange(
  parts: ExchangeParts,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const baseRoutes: readonly Route[] = [
    ...contactRoutes,
    ...searchRoutes,
    ...listRoutes,
    ...fieldRoutes,
    ...erasureRoutes,
    ...suppressionRoutes,
    ...mailRoutes,
  ];
  const known = new Set(baseRoutes.map(({ scope }) => scope));
  const router = createRouter([...baseRoutes, ...scopeRoutes(parts.credentials, [...known])]);

  return async (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
    const method = request.method ?? 'GET';
    const record = parts.journal.open({
      receivedAt: Date.now(),
      method,
      path: url.pathname,
      query: url.search,
    });
    try {
      const bytes = await readBody(request);
      const { authorization } = request.headers;
      await answer(parts, router, { method, url, authorization, bytes, record }, response);
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      finish(response, record, describeError(error));
    }
    return true;
  };
}

async function answer(
  parts: ExchangeParts,
  router: ReturnType<typeof createRouter>,
  arrival: Arrival,
  response: ServerResponse,
): Promise<void> {
  const { method, url, record } = arrival;
  parts.account.jobs.settle();
  const match = router.find(method, url.pathname);
  noteRequest(parts, arrival, match);
  const fault = parts.faults.take(method, url.pathname);
  const endpoint = typeof match === 'string' ? url.pathname : `${method} ${match.route.path}`;
  if (fault === null) {
    return finish(response, record, perform(parts, arrival, match, endpoint));
  }
  record.note({ fault: fault.kind });
  await fail(fault, {
    record,
    response,
    perform: () => perform(parts, arrival, match, endpoint),
    exhausted: (seconds) => parts.rateLimits.exhausted(endpoint, seconds),
    rateHeaders: () => parts.rateLimits.count(endpoint).headers,
  });
}

function noteRequest(
  { account }: ExchangeParts,
  { bytes, url, record }: Arrival,
  match: RouteMatch | 'unknown' | 'method',
): void {
  const body = tryParse(bytes);
  if (typeof match === 'string') return record.note({ body });
  const request = { params: match.params, query: url.searchParams, body, bytes: 0, baseUrl: '' };
  record.note({ body, keys: match.route.keys?.(request, account) ?? [] });
}

function tryParse(bytes: Buffer): unknown {
  try {
    return parseBody(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

/** What the vendor would do with the request if nothing went wrong on the way. */
function perform(
  parts: ExchangeParts,
  { authorization, url, bytes, record }: Arrival,
  match: RouteMatch | 'unknown' | 'method',
  endpoint: string,
): VendorAnswer {
  const rate = parts.rateLimits.count(endpoint);
  const withRate = (result: VendorAnswer): VendorAnswer => ({
    ...result,
    headers: { ...rate.headers, ...result.headers },
  });
  try {
    if (authorization !== `Bearer ${parts.credentials.apiKey}`) throw unauthorized();
    if (rate.limited) throw tooManyRequests();
    if (match === 'unknown') throw notFound();
    if (match === 'method')
      throw new VendorError(405, [{ field: null, message: 'method not allowed' }]);
    const { scopes } = parts.credentials;
    if (scopes !== null && match.route.scope !== '' && !scopes.includes(match.route.scope)) {
      throw forbidden();
    }
    const result = match.route.handle(
      {
        params: match.params,
        query: url.searchParams,
        body: parseBody(bytes),
        bytes: bytes.length,
        baseUrl: url.origin,
      },
      parts.account,
    );
    record.note({ effect: true });
    return withRate(result);
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    return withRate(describeError(error));
  }
}
