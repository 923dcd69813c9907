// What makes a hub unfit to be sent to, and what makes it less than whole. An instance that is paused or did not
// open is one part of many: sources go on being answered, so the hub stays ready and says what is amiss.
import { statfs } from 'node:fs/promises';
import type { Resolver } from '../resolve/resolver.ts';
import type { HubConfig } from '../config/hub-config.ts';
import type { PausedSources } from '../sources/paused.ts';
import type { RunningSources } from '../sources/start-sources.ts';
import type { Store } from '../store/store.ts';
import type { ReadinessCheck } from './health.ts';
import { countHeldInstances } from './reads/plans.ts';
import { isLeftOut } from '../plugins/left-out.ts';

export interface ReadinessRooms {
  readonly store: Pick<Store, 'query'>;
  readonly resolver: Pick<Resolver, 'lag'>;
  readonly config: Pick<HubConfig, 'sources'>;
  readonly sources: Pick<RunningSources, 'status'>;
  readonly paused: Pick<PausedSources, 'list'>;
  readonly plugins: { readonly problems: readonly { readonly instance: string }[] };
  readonly now: () => number;
  /** Of an embedded store; undefined: the disk is somebody else's. */
  readonly folder: string | undefined;
  /** Free bytes of the disk that a folder lies on. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** Below it the next checkpoint of the database may not fit. */
export const leastFreeBytes = 67_108_864;
/** An event that waits for longer is stuck or far behind: people and audiences are of then. */
export const longestLagMs = 300_000;

export function createReadiness(rooms: ReadinessRooms): ReadinessCheck[] {
  const { store, resolver, sources, paused, config, plugins, now, folder } = rooms;
  const { freeBytes = freeBytesOf } = rooms;
  return [
    { name: 'store', check: async () => (await resolver.lag()).events >= 0 },
    {
      name: 'disk',
      async check() {
        if (folder === undefined || folder === 'memory:') return true;
        const free = await freeBytes(folder);
        return free >= leastFreeBytes || `${Math.floor(free / 1_048_576)} MiB are free`;
      },
    },
    {
      name: 'resolve',
      severity: 'degraded',
      async check() {
        const { events, oldestReceivedAt } = await resolver.lag();
        const waitingMs = oldestReceivedAt === undefined ? 0 : now() - oldestReceivedAt;
        if (waitingMs <= longestLagMs) return true;
        return `${events} events wait, the oldest for ${Math.floor(waitingMs / 1_000)} s`;
      },
    },
    {
      name: 'plugins',
      severity: 'degraded',
      check: () =>
        none(plugins.problems.filter((problem) => !isLeftOut(problem)).length, 'did not open'),
    },
    {
      name: 'sources',
      severity: 'degraded',
      async check() {
        const held = new Set(await paused.list());
        for (const { id, state } of sources.status()) {
          if (state === 'paused' || state === 'stopped') held.add(id);
        }
        // Those are counted among plugins, unless they are left out on purpose.
        for (const { instance } of plugins.problems) held.delete(instance);
        const found = [...config.sources.keys()].filter((id) => held.has(id));
        return none(found.length, 'paused or stopped');
      },
    },
    {
      name: 'destinations',
      severity: 'degraded',
      async check() {
        const [row] = await store.query<{ held: number }>('gate', countHeldInstances);
        return none(row?.held ?? 0, 'paused or guarded');
      },
    },
  ];
}

function none(count: number, words: string): true | string {
  return count === 0 || `${count} ${words}`;
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
