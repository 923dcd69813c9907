// A real server on the loopback that stands in for a vendor: what connections do when they break is
// part of the contract, and no mock of fetch shows it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { violate } from './violation.ts';

/** A request as the vendor saw it, read to its end. */
export interface VendorRequest {
  readonly method: string;
  /** With its query, begins with `/`. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The body as text. */
  readonly text: string;
  /** The body as JSON; fails the check where it is none. */
  json(): unknown;
}

/**
 * What the vendor answers. With both `json` and `body`, `json` counts; with neither the body is empty.
 */
export interface VendorAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `application/json`. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string | Uint8Array;
}

/**
 * An answer, or none: `hang` reads the request and never answers, `reset` reads it and breaks the
 * connection, `cut` begins an answer and breaks the connection.
 */
export type VendorReaction = VendorAnswer | 'hang' | 'reset' | 'cut';

/** A server on `127.0.0.1`, until it is closed. Closing breaks the connections that are open. */
export interface LoopbackVendor {
  readonly url: string;
  /** Everything that came in, in order. */
  readonly requests: readonly VendorRequest[];
  close(): Promise<void>;
}

/**
 * @param react `index` counts requests from 0.
 * @param options `port`: default any free one
 */
export async function startLoopbackVendor(
  react: (request: VendorRequest, index: number) => VendorReaction | Promise<VendorReaction>,
  options: { readonly port?: number } = {},
): Promise<LoopbackVendor> {
  const requests: VendorRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => {
    void (async () => {
      const request = await readRequest(incoming);
      requests.push(request);
      send(response, await react(request, requests.length - 1));
    })().catch((error: unknown) => {
      response.writeHead(599, { 'x-vendor-failed': '1' }).end(String(error));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: async () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<VendorRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Uint8Array));
  const body = Buffer.concat(chunks);
  const text = body.toString('utf8');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
  const [method, path] = [incoming.method ?? '', incoming.url ?? ''];
  return { method, path, headers, body, text, json: () => parse(method, path, text) };
}

function parse(method: string, path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return violate(`${method} ${path} carried no JSON: ${text.slice(0, 200)}`);
  }
}

function send(response: ServerResponse, reaction: VendorReaction): void {
  if (reaction === 'hang') return;
  if (reaction === 'reset') {
    response.destroy();
    return;
  }
  if (reaction === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"begun":', () => response.destroy());
    return;
  }
  const { status = 200, headers = {}, json, body } = reaction;
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, ...headers });
  response.end(json === undefined ? body : JSON.stringify(json));
}
