// Knows which requests are under way, so that the server can end without cutting one off.
import type { Server } from 'node:http';
import type { RequestHandler } from 'express';

export interface InFlight {
  readonly handler: RequestHandler;
  count(): number;
  isStopping(): boolean;
  /** Takes no new connection, lets what is under way finish within the bound, cuts the rest. */
  stop(server: Server, boundMs: number): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  let stopping: Promise<void> | undefined;
  let closeIdle = (): void => undefined;

  async function stop(server: Server, boundMs: number): Promise<void> {
    closeIdle = () => server.closeIdleConnections();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    closeIdle();
    const timer = setTimeout(() => server.closeAllConnections(), boundMs);
    await closed;
    clearTimeout(timer);
  }

  return {
    handler(_, response, next) {
      count += 1;
      if (stopping) response.setHeader('connection', 'close');
      response.once('close', () => {
        count -= 1;
        // A connection that is kept alive would hold the end up until it times out.
        if (stopping) setImmediate(closeIdle);
      });
      next();
    },
    count: () => count,
    isStopping: () => stopping !== undefined,
    stop: (server, boundMs) => (stopping ??= stop(server, boundMs)),
  };
}
