// The hub on the network: one server for sources, API, metrics and console, with bounds on what a
// connection may cost and an end that cuts nobody off.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpSettings } from '../config/hub-config.ts';
import { createHttpApps, type HttpFront, type HttpWorld } from './app.ts';
import { createInFlight } from './in-flight.ts';

export type { HttpFront, RequestReport } from './app.ts';
export type { OpenedSource } from './sources/mounted-source.ts';

export interface HttpServerOptions extends HttpWorld, Omit<HttpFront, 'trustProxy'> {
  readonly settings: HttpSettings;
}

export interface HttpServer {
  /** Rejects with HTTP_ADDRESS_TAKEN or HTTP_LISTEN_FAILED. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /** Makes ready to answer by another config. Throws HTTP_MOUNT_INVALID where sources collide. */
  prepare(front: HttpFront): NextFront;
  /** Requests under way. */
  inFlight(): number;
  /** From now on `/readyz` says no and no connection is taken; ends when the last answer is out, or after the bound. */
  close(boundMs?: number): Promise<void>;
}

export interface NextFront {
  /** From now on it answers; requests under way end by the front that they began with. */
  take(): ReplacedFront;
}

/** Takes no more requests. */
export interface ReplacedFront {
  /** Resolves when its last answer is out, or after the bound. */
  idle(boundMs: number): Promise<void>;
}

const bounds = {
  /** Of a request's line and headers together. */
  maxHeaderSize: 32_768,
  headersTimeout: 15_000,
  /** Until the whole body is here. */
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  /** Two `Authorization` headers are two, not the first. */
  joinDuplicateHeaders: true,
};
const closeMs = 10_000;

/** Throws HTTP_MOUNT_INVALID where sources collide. */
export function createHttpServer({ settings, ...options }: HttpServerOptions): HttpServer {
  const inFlight = createInFlight();
  const createApp = createHttpApps(options, inFlight);
  const compose = (front: HttpFront): CountedApp => countRequests(createApp(front));
  let current = compose({ ...options, trustProxy: settings.trustProxy });
  const server = createServer(bounds, (request, response) => current.answer(request, response));
  server.maxHeadersCount = 200;
  return {
    listen: () => listen(server, settings),
    prepare(front) {
      const next = compose(front);
      return {
        take() {
          const before = current;
          current = next;
          return before;
        },
      };
    },
    inFlight: () => inFlight.count(),
    close: (boundMs = closeMs) => inFlight.stop(server, boundMs),
  };
}

interface CountedApp extends ReplacedFront {
  readonly answer: RequestListener;
}

function countRequests(app: RequestListener): CountedApp {
  let underWay = 0;
  const idle = Promise.withResolvers<void>();
  let isReplaced = false;
  const settle = (): void => {
    if (isReplaced && underWay === 0) idle.resolve();
  };
  return {
    answer(request, response) {
      underWay += 1;
      response.once('close', () => {
        underWay -= 1;
        settle();
      });
      app(request, response);
    },
    async idle(boundMs) {
      isReplaced = true;
      settle();
      const over = new AbortController();
      const bound = sleep(boundMs, undefined, { signal: over.signal }).catch(() => undefined);
      await Promise.race([idle.promise, bound]);
      over.abort();
    },
  };
}

function listen(
  server: Server,
  { host, port }: HttpSettings,
): Promise<{ readonly host: string; readonly port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)));
    server.listen(port, host, () => {
      resolve({ host, port: portOf(server.address()) ?? port });
    });
  });
}

function portOf(address: AddressInfo | string | null): number | undefined {
  return typeof address === 'object' ? address?.port : undefined;
}

function listenError(error: Error, host: string, port: number): Error {
  const taken = 'code' in error && error.code === 'EADDRINUSE';
  const text = taken
    ? `HTTP_ADDRESS_TAKEN: hub.http: something else listens on ${host}:${port}, expected it to be free. Stop it, or choose another port.`
    : `HTTP_LISTEN_FAILED: hub.http: ${host}:${port}: ${error.message}. Choose an address of this machine.`;
  return new Error(text, { cause: error });
}
