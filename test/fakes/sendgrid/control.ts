// Levers for whoever drives the fake from another process, under `/__fake/`, the files behind the
// errors_url of a job, and the overview page at `/`. None of it is the vendor's.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Account } from './account.ts';
import { faultKinds, type Fault, type Faults } from './faults.ts';
import type { EventWebhook } from './event-webhook.ts';
import { errorsFile } from './jobs.ts';
import type { Journal } from './journal.ts';
import { renderPage } from './page.ts';
import type { Readings } from './readings.ts';
import type { VendorAnswer } from './router.ts';
import { isRecord, isText, requireRecord } from './shapes.ts';
import { parseBody, readBody, send } from './transport.ts';
import { badRequest, notFound, VendorError } from './vendor-error.ts';

export interface ControlParts {
  readonly account: Account;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly readings: Readings;
  readonly eventWebhook: EventWebhook;
}

type Lever = (parts: ControlParts, body: unknown, url: URL) => VendorAnswer | Promise<VendorAnswer>;

const levers: Readonly<Record<string, Lever>> = {
  'GET /__fake/health': () => ok({ status: 'ok' }),
  'GET /__fake/lists': ({ readings }) => ok(readings.lists()),
  'GET /__fake/contacts': ({ readings }) => ok(readings.contacts()),
  'GET /__fake/mails': ({ readings }) => ok(readings.mails()),
  'GET /__fake/erased': ({ readings }) => ok(readings.erased()),
  'GET /__fake/journal': readJournal,
  'DELETE /__fake/journal': ({ journal }) => done(() => journal.clear()),
  'GET /__fake/faults': ({ faults }) =>
    ok(faults.scripts().map(({ id, fault, hits }) => ({ id, fault, hits: hits() }))),
  'POST /__fake/faults': ({ faults }, body) => ok({ id: faults.script(readFault(body)).id }),
  'DELETE /__fake/faults': ({ faults }) => done(() => faults.clear()),
  'POST /__fake/settle': ({ account }) => done(() => account.jobs.settleAll()),
  'GET /__fake/event-webhook': ({ eventWebhook }) => ok({ public_key: eventWebhook.publicKey }),
  'POST /__fake/event-webhook': emitEvents,
};

export function createControl(
  parts: ControlParts,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/') return sendText(response, 'text/html', renderPage(parts));
    if (url.pathname.startsWith('/job-errors/')) return sendErrorsFile(parts, url, response);
    if (!url.pathname.startsWith('/__fake/')) return false;
    try {
      const lever = levers[`${request.method ?? 'GET'} ${url.pathname}`];
      if (lever === undefined) throw notFound();
      const body = parseBody(await readBody(request));
      send(response, await lever(parts, body, url));
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      send(response, { status: error.status, body: { errors: error.errors } });
    }
    return true;
  };
}

function ok(body: unknown): VendorAnswer {
  return { status: 200, body };
}

function done(act: () => void): VendorAnswer {
  act();
  return { status: 204 };
}

/** `?after=` a number of an entry: only what came later. */
function readJournal({ journal }: ControlParts, _body: unknown, url: URL): VendorAnswer {
  const after = Number(url.searchParams.get('after') ?? 0);
  return ok(journal.entries.filter(({ number }) => number > after));
}

function readFault(body: unknown): Fault {
  const input = requireRecord(body);
  const kind = faultKinds.find((candidate) => candidate === input['kind']);
  if (kind === undefined) {
    throw badRequest(`kind must be one of ${faultKinds.join(', ')}`, 'kind');
  }
  const number = (name: string): number | undefined => {
    const value = input[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'number') throw badRequest(`${name} must be a number`, name);
    return value;
  };
  const selector = defined({
    method: isText(input['method']) ? input['method'] : undefined,
    path: isText(input['path']) ? input['path'] : undefined,
    nth: number('nth'),
    times: number('times'),
    forMilliseconds: number('forMilliseconds'),
  });
  switch (kind) {
    case 'rate-limited':
      return { ...selector, kind, ...defined({ resetSeconds: number('resetSeconds') }) };
    case 'status': {
      const status = number('status');
      if (status === undefined) throw badRequest('status is required', 'status');
      const message = isText(input['message']) ? input['message'] : undefined;
      return { ...selector, kind, status, ...defined({ message, body: input['body'] }) };
    }
    case 'slow':
      return { ...selector, kind, milliseconds: number('milliseconds') ?? 1_000 };
    case 'unknown-answer': {
      const given = defined({ status: number('status'), body: input['body'] });
      return { ...selector, kind, ...given };
    }
    case 'unauthorized':
    case 'cut-answer':
    case 'lost-answer':
    case 'reset':
      return { ...selector, kind };
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}

async function emitEvents({ eventWebhook }: ControlParts, body: unknown): Promise<VendorAnswer> {
  const { url, events } = requireRecord(body);
  if (!isText(url) || !Array.isArray(events) || !events.every(isRecord)) {
    throw badRequest('url and events are required');
  }
  return ok({ status: await eventWebhook.emit(url, events) });
}

function sendErrorsFile({ account }: ControlParts, url: URL, response: ServerResponse): boolean {
  const id = url.pathname.slice('/job-errors/'.length).replace(/\.csv$/, '');
  const job = account.jobs.find(id);
  if (job === undefined) {
    response.writeHead(404).end();
    return true;
  }
  return sendText(response, 'text/csv', errorsFile(job));
}

function sendText(response: ServerResponse, type: string, text: string): boolean {
  response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` }).end(text);
  return true;
}
