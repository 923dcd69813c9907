// A receiver of signed webhooks: it keeps who is on which list and every event, drops what it had before
// by its id, and can be down, slow, cut off or full of nonsense.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

export const sinkSecret = `whsec_${Buffer.from('secret-of-the-fault-harness').toString('base64')}`;

/** `silent` and `cut` have taken the message; `down` and `slow-then-down` have not. */
export type SinkMood = 'well' | 'down' | 'slow' | 'nonsense' | 'cut' | 'silent' | 'busy';

export interface Received {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly list: string | undefined;
  readonly messageId: string | undefined;
  /** When its head was read. */
  readonly at: number;
}

export interface Sink {
  readonly url: string;
  /** Everything that was taken, repetitions too, in order. */
  readonly received: readonly Received[];
  /** All that was ever taken. */
  count(): number;
  /** Users by list. */
  members(list: string): readonly string[];
  setMood(mood: SinkMood): void;
  close(): Promise<void>;
}

interface Payload {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface SinkOptions {
  /** Messages that are remembered. Default: all. */
  readonly most?: number;
  /** False for a hub whose clock runs away: a signature is only good for minutes. Default true. */
  readonly verifies?: boolean;
}

export async function startSink({
  most = Number.POSITIVE_INFINITY,
  verifies = true,
}: SinkOptions = {}): Promise<Sink> {
  const verifier = new Webhook(sinkSecret);
  const received: Received[] = [];
  const lists = new Map<string, Set<string>>();
  let mood: SinkMood = 'well';
  let count = 0;

  function take(payload: Payload, id: string, at: number): void {
    const { data, type } = payload;
    const key = String(data['key']);
    const list = typeof data['audience'] === 'string' ? data['audience'] : undefined;
    const messageId = typeof data['messageId'] === 'string' ? data['messageId'] : undefined;
    received.push({ id, type, key, list, messageId, at });
    if (received.length > most) received.splice(0, received.length - most);
    count += 1;
    if (list === undefined) return;
    const members = lists.get(list) ?? new Set();
    lists.set(list, members);
    if (type === 'audience.entered') members.add(key);
    else members.delete(key);
  }

  const server = createServer((request, response) => {
    const at = Date.now();
    const now = mood;
    void text(request).then(
      (body) => {
        if (now === 'down') return response.writeHead(503).end();
        if (now === 'busy') return response.writeHead(429, { 'retry-after': '1' }).end();
        const headers = request.headers as Record<string, string>;
        const payload = verifies ? verifier.verify(body, headers) : JSON.parse(body);
        take(payload as Payload, headers['webhook-id'] ?? '', at);
        return answer(response, now);
      },
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/`,
    received,
    count: () => count,
    members: (list) => [...(lists.get(list) ?? [])].toSorted(),
    setMood: (next) => void (mood = next),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(response: ServerResponse, mood: SinkMood): void {
  switch (mood) {
    case 'cut':
      response.destroy();
      return;
    case 'silent':
      return;
    case 'slow':
      setTimeout(() => response.writeHead(204).end(), 700);
      return;
    case 'nonsense':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>{"ok": fal');
      return;
    case 'well':
    case 'down':
    case 'busy':
      response.writeHead(204).end();
  }
}
