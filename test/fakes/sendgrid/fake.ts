// A SendGrid that listens on the loopback: the v3 endpoints that a destination needs, with the
// vendor's delays, limits and refusals, and faults on demand. Tests talk to it over HTTP as they
// would to the vendor, and it is the sandbox that a first start of the hub sends to.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createAccount,
  defaultDelays,
  type Account,
  type FakeDelays,
  type FieldType,
  type SuppressionKind,
} from './account.ts';
import { systemClock, type FakeClock } from './clock.ts';
import { createControl } from './control.ts';
import { createEventWebhook, type EventWebhook } from './event-webhook.ts';
import { createExchange } from './exchange.ts';
import { addField } from './field-routes.ts';
import { createFaults, type Fault, type Faults, type FaultScript } from './faults.ts';
import { createJournal, type Journal, type JournalEntry } from './journal.ts';
import { addList } from './list-routes.ts';
import { createRateLimits, type RateLimit } from './rate-limits.ts';
import { createReadings, type Readings } from './readings.ts';
import { addGroup, addSuppression } from './suppression-routes.ts';

export interface SendgridFakeOptions {
  /** Default: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** The key that requests must carry as `Bearer`. */
  readonly apiKey: string;
  /** What the key may do. Default: everything that the fake knows. */
  readonly scopes?: readonly string[];
  /** By which jobs become due and windows of limits end. Default: the system's. */
  readonly clock?: FakeClock;
  readonly delays?: Partial<FakeDelays>;
  /** Requests per endpoint and window. Default 10,000 a minute, 100 for erase jobs. */
  readonly rateLimit?: RateLimit;
  /** Requests kept in the journal. Default 100,000. */
  readonly journalLimit?: number;
  readonly newId?: () => string;
}

export interface SendgridFake extends Readings {
  readonly url: string;
  readonly account: Account;
  readonly journal: readonly JournalEntry[];
  readonly eventWebhook: EventWebhook;
  script(fault: Fault): FaultScript;
  /** What an admin would have made by hand before; returns its id. */
  addList(name: string): string;
  addGroup(name: string, description: string): number;
  addField(name: string, type: FieldType): string;
  suppress(kind: SuppressionKind, email: string): void;
  clearFaults(): void;
  clearJournal(): void;
  /** From now on another key is the right one. */
  setApiKey(apiKey: string): void;
  /** Runs all jobs now, due or not. */
  settle(): void;
  close(): Promise<void>;
}

const defaultRateLimit: RateLimit = { requests: 10_000, windowMilliseconds: 60_000 };
const eraseRateLimit: RateLimit = { requests: 100, windowMilliseconds: 60_000 };

export async function startSendgridFake(options: SendgridFakeOptions): Promise<SendgridFake> {
  const clock = options.clock ?? systemClock;
  const account = createAccount(
    clock,
    { ...defaultDelays, ...options.delays },
    options.newId ?? randomUUID,
  );
  const journal = createJournal(options.journalLimit ?? 100_000, Date.now);
  const faults = createFaults(Date.now);
  const credentials = { apiKey: options.apiKey, scopes: options.scopes ?? null };
  const eventWebhook = createEventWebhook(clock);
  const readings = createReadings(account);
  const rateLimits = createRateLimits(
    clock,
    (endpoint) =>
      options.rateLimit ?? (endpoint.endsWith('/erasejob') ? eraseRateLimit : defaultRateLimit),
  );
  const exchange = createExchange({ account, journal, faults, credentials, rateLimits });
  const control = createControl({ account, journal, faults, readings, eventWebhook });
  const server = createServer((request, response) => {
    void serve(request, response, control, exchange);
  });
  const url = await listen(server, options.host ?? '127.0.0.1', options.port ?? 0);

  return {
    ...readings,
    url,
    account,
    journal: journal.entries,
    eventWebhook,
    ...createLevers(account, faults, journal),
    ...createSeeds(account),
    setApiKey: (apiKey) => void (credentials.apiKey = apiKey),
    close: () => closeServer(server),
  };
}

function createLevers(
  account: Account,
  faults: Faults,
  journal: Journal,
): Pick<SendgridFake, 'script' | 'clearFaults' | 'clearJournal' | 'settle'> {
  return {
    script: (fault) => faults.script(fault),
    clearFaults: () => faults.clear(),
    clearJournal: () => journal.clear(),
    settle: () => account.jobs.settleAll(),
  };
}

function createSeeds(
  account: Account,
): Pick<SendgridFake, 'addList' | 'addGroup' | 'addField' | 'suppress'> {
  return {
    addList: (name) => addList(account, name).id,
    addGroup: (name, description) => addGroup(account, name, description).id,
    addField: (name, type) => addField(account, name, type).id,
    suppress: (kind, email) => addSuppression(account, kind, { email }),
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  ...handlers: readonly Handler[]
): Promise<void> {
  try {
    for (const handle of handlers) if (await handle(request, response)) return;
  } catch {
    // The client went away in the middle of a request; there is nobody left to answer.
    response.destroy();
  }
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return;
      resolve(`http://${host}:${address.port}`);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
