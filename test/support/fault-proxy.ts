// A hub's bad day, on the wire: a real HTTP proxy that says «not now» or cuts connections as a script
// tells it, and hands on everything else as it came.
import {
  createServer,
  request as send,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';

export type Fault =
  | { readonly kind: 'pass' }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Nothing reaches the hub. */
  | { readonly kind: 'cut_before' }
  /** The hub has it, and the sender never learns. */
  | { readonly kind: 'cut_after' };

export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly fault: Fault;
}

export interface FaultProxy {
  readonly url: string;
  /** In the order of arrival. */
  readonly requests: readonly ProxiedRequest[];
  close(): Promise<void>;
}

/** @param script one fault per POST, in the order of arrival; when it has ended all is well. */
export async function startFaultProxy(
  target: string,
  script: readonly Fault[],
): Promise<FaultProxy> {
  const requests: ProxiedRequest[] = [];
  const left = [...script];
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const fault = (method === 'POST' ? left.shift() : undefined) ?? { kind: 'pass' };
    requests.push({ method, path, headers, fault });
    void play(fault, incoming, outgoing, target).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function play(
  fault: Fault,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: string,
): Promise<void> {
  const body = await buffer(incoming);
  switch (fault.kind) {
    case 'cut_before':
      outgoing.destroy();
      return;
    case 'cut_after':
      (await forward(incoming, body, target)).resume();
      outgoing.destroy();
      return;
    case 'answer':
      outgoing.writeHead(fault.status, fault.headers).end();
      return;
    case 'pass': {
      const answer = await forward(incoming, body, target);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    }
  }
}

/** With the sender's own `Host`: to her the proxy is the hub. */
async function forward(
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  target: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const forwarded = send(new URL(url ?? '/', target), { method, headers, agent: false }, resolve);
    forwarded.once('error', reject);
    forwarded.end(body);
  });
}
