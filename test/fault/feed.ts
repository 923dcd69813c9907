// A system that is pulled from, page by page. Whoever asks for what comes after a place says by it that
// everything up to there is safe: the feed holds her to that.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Journal } from './journal.ts';
import { feedPath } from './inside/watch-exchanges.ts';
import type { Message } from './messages.ts';

export interface Feed {
  readonly url: string;
  add(messages: readonly Message[]): void;
  /** Everything was asked for and what comes after it, too. */
  isReadToTheEnd(): boolean;
  close(): Promise<void>;
}

const pageSize = 7;

export async function startFeed(journal: Journal): Promise<Feed> {
  const all: Message[] = [];
  let safe = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://feed');
    const after = Number(url.searchParams.get('after') ?? 0);
    safe = Math.max(safe, after);
    const done = all.slice(0, after).map(({ messageId }) => messageId);
    journal.acknowledge(done, Date.now());
    const page = all.slice(after, after + pageSize);
    journal.send(page, Date.now());
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(page));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}${feedPath}`,
    add: (messages) => void all.push(...messages),
    isReadToTheEnd: () => safe === all.length,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
