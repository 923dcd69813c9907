// One life of two processes on one store: the one on duty is killed at a random moment while people speak
// to both; the other takes over, works until its place and dies there; the first one, started again, goes
// on. The next life begins with whoever is left.
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../support/wait-until.ts';
import type { Ground, Workplace } from './ground.ts';
import { lapseDuty } from './lapse-duty.ts';
import { countKilled, neverReached, ordersOf, patienceMs, type End } from './live.ts';
import type { Life } from './lives.ts';
import { makeTrouble } from './trouble.ts';

export async function liveBeside(ground: Ground, life: Life, bug?: string): Promise<End> {
  const { wire } = ground;
  const before = await countKilled(ground);
  const [staying, dying] = chooseRoles(ground);
  if (!staying.hub.isRunning) await startCalmly(staying, bug);
  wire.lead(staying.hub.url);
  dying.order(ordersOf(life, bug));
  const calm = new AbortController();
  const troubled = makeTrouble(ground, life, calm.signal);
  try {
    // It may die on the way: standing by, it takes records in.
    await dying.hub.start().catch(() => undefined);
    lead(ground);
    await sleep(ground.random.below(1_500));
    await staying.hub.kill();
    await lapseDuty(ground.settings);
    lead(ground);
    await untilOnDuty(dying);
    await startCalmly(staying, bug);
    lead(ground);
    if (dying.hub.isRunning) {
      const bound = sleep(life.afterMs ?? patienceMs, undefined, { signal: calm.signal });
      await Promise.race([dying.hub.ended(), bound]);
    }
  } finally {
    calm.abort();
    await troubled;
  }
  if (dying.hub.isRunning) await dying.hub.kill();
  await lapseDuty(ground.settings);
  lead(ground);
  await untilOnDuty(staying);
  if ((await countKilled(ground)) > before) return 'at-place';
  if (life.afterMs === undefined) throw await neverReached(ground, life, dying.hub);
  return life.place === undefined ? 'at-random' : 'missed';
}

/** Everything stops in peace, for whoever looks at the store. */
export async function endBeside({ neighbour, hub, wire }: Ground): Promise<void> {
  if (neighbour === undefined) return;
  wire.lead();
  for (const each of [hub, neighbour.hub]) if (each.isRunning) await each.stop();
}

/** Who runs stays; where nobody does, the first one. */
function chooseRoles({ hub, order, neighbour }: Ground): readonly [Workplace, Workplace] {
  if (neighbour === undefined) throw new Error('a life of two processes needs two');
  const first = { hub, order };
  return neighbour.hub.isRunning ? [neighbour, first] : [first, neighbour];
}

function lead({ wire, hub, neighbour }: Ground): void {
  const both = neighbour === undefined ? [hub] : [hub, neighbour.hub];
  wire.lead(...both.filter(({ isRunning }) => isRunning).map(({ url }) => url));
}

/** Its store may be away for a moment. */
async function startCalmly({ hub, order }: Workplace, bug: string | undefined): Promise<void> {
  order(bug === undefined ? {} : { bug });
  await waitUntil(
    async () => {
      await hub.start();
      return true;
    },
    { what: 'a hub to start', withinMs: patienceMs, everyMs: 500 },
  );
}

/** Or until it is dead. */
async function untilOnDuty({ hub }: Workplace): Promise<void> {
  const isOnDuty = async (): Promise<boolean> => (await hub.metric('tributary_on_duty')) === 1;
  await waitUntil(async () => !hub.isRunning || (await isOnDuty()), {
    what: 'the other process to take over',
    withinMs: patienceMs,
    describe: () => hub.output().slice(-2_000),
  });
}
