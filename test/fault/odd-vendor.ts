// A vendor whose plugin is badly written, and the lists that it keeps whatever its plugin then says.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** What the plugin does with what the vendor took. */
export const oddMoods = [
  'well',
  'throws',
  'nonsense',
  'doubles',
  'omits',
  'loses-job',
  'hangs',
] as const;
export type OddMood = (typeof oddMoods)[number];

/** `poll`: asks about a job, which this vendor has always lost. */
export interface OddRequest {
  readonly what: 'add' | 'remove' | 'poll';
  readonly list: string;
  readonly keys: readonly string[];
}

export interface OddVendor {
  readonly url: string;
  /** How often its plugin has done what. */
  readonly seen: Readonly<Record<OddMood, number>>;
  members(list: string): readonly string[];
  setMood(mood: OddMood): void;
  close(): Promise<void>;
}

export async function startOddVendor(): Promise<OddVendor> {
  const lists = new Map<string, Set<string>>();
  const seen = { well: 0, throws: 0, nonsense: 0, doubles: 0, omits: 0, 'loses-job': 0, hangs: 0 };
  let mood: OddMood = 'well';

  function take({ what, list, keys }: OddRequest): void {
    if (what === 'poll') return;
    // 202 and no more: of a job that is lost nothing was done.
    if (mood === 'loses-job') return;
    const members = lists.get(list) ?? new Set();
    lists.set(list, members);
    for (const key of keys) {
      if (what === 'add') members.add(key);
      else members.delete(key);
    }
  }

  const server = createServer((request, response) => {
    void json(request).then(
      (body) => {
        take(body as OddRequest);
        seen[mood] += 1;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ mood }));
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
    seen,
    members: (list) => [...(lists.get(list) ?? [])].toSorted(),
    setMood: (next) => void (mood = next),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
