// The wire between clients and hub: one address for all lives of the hub, where everything that is said
// and every answer that comes back whole goes into the journal. It can break on demand.
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { Random } from '../support/random.ts';
import type { Journal } from './journal.ts';
import type { Message } from './messages.ts';

export interface Wire {
  readonly url: string;
  /** Where the hubs of now listen: each request goes to one of them. None: nobody listens. */
  lead(...urls: readonly string[]): void;
  /** One in so many requests loses its answer; 0: none. */
  setLossOneIn(count: number): void;
  close(): Promise<void>;
}

export async function startWire(journal: Journal, random: Random): Promise<Wire> {
  let targets: readonly string[] = [];
  let lossOneIn = 0;
  const server = createServer((incoming, outgoing) => {
    void carry(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  async function carry(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const target = targets[random.below(Math.max(1, targets.length))];
    if (target === undefined) return void outgoing.destroy();
    const messages = readMessages(body, incoming.headers['content-encoding']);
    journal.send(messages, Date.now());
    const answer = await forward(incoming, body, target);
    const text = await buffer(answer);
    const loses = lossOneIn > 0 && random.below(lossOneIn) === 0;
    if (loses) return void outgoing.destroy();
    if (answer.statusCode === 200) {
      journal.acknowledge(
        messages.map(({ messageId }) => messageId),
        Date.now(),
      );
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(text);
  }

  return {
    url: `http://127.0.0.1:${port}`,
    lead: (...urls) => void (targets = urls),
    setLossOneIn: (count) => void (lossOneIn = count),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function forward(
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  target: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: false };
    const forwarded = request(new URL(url ?? '/', target), options, (answer) => {
      // Half an answer is none.
      answer.once('aborted', () => reject(new Error('the answer broke off')));
      resolve(answer);
    });
    forwarded.once('error', reject);
    forwarded.end(body);
  });
}

function readMessages(body: Buffer, encoding: string | undefined): Message[] {
  const text = (encoding === 'gzip' ? gunzipSync(body) : body).toString('utf8');
  const content = JSON.parse(text) as Message | { readonly batch: readonly Message[] };
  return 'batch' in content ? [...content.batch] : [content];
}
