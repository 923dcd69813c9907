// The hub on the network: one server for sources, API, metrics and console, with bounds on what a
// connection may cost and an end that cuts nobody off.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpSettings } from '../config/hub-config.ts';
import { createHttpApp, type HttpAppOptions } from './app.ts';
import { createInFlight } from './in-flight.ts';

export type { RequestReport } from './app.ts';
export type { OpenedSource } from './sources/mounted-source.ts';

export interface HttpServerOptions extends Omit<HttpAppOptions, 'trustProxy'> {
  readonly settings: HttpSettings;
}

export interface HttpServer {
  /** Rejects with HTTP_ADDRESS_TAKEN or HTTP_LISTEN_FAILED. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /** Requests under way. */
  inFlight(): number;
  /** From now on `/readyz` says no and no connection is taken; ends when the last answer is out, or after the bound. */
  close(boundMs?: number): Promise<void>;
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
  const app = createHttpApp({ ...options, trustProxy: settings.trustProxy }, inFlight);
  const server = createServer(bounds, app);
  server.maxHeadersCount = 200;
  return {
    listen: () => listen(server, settings),
    inFlight: () => inFlight.count(),
    close: (boundMs = closeMs) => inFlight.stop(server, boundMs),
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
