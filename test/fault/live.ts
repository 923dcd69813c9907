// One life of the hub: it is started with its orders, troubled, and ended where they say.
import { setTimeout as sleep } from 'node:timers/promises';
import type { HubProcess } from '../support/hub-process.ts';
import type { Ground } from './ground.ts';
import { lapseDuty } from './lapse-duty.ts';
import type { Life } from './lives.ts';
import type { Orders } from './orders.ts';
import { makeTrouble } from './trouble.ts';

/** `missed`: a place was ordered, and the time was over before anybody came there. */
export type End = 'at-place' | 'at-random' | 'missed' | 'by-itself';

/** Reached only on a machine that has much else to do, or where nothing leads to the place. */
export const patienceMs = 150_000;

export async function live(ground: Ground, life: Life, bug?: string): Promise<End> {
  const { hub, wire } = ground;
  const before = await countKilled(ground);
  ground.order(ordersOf(life, bug));
  await lapseDuty(ground.settings);
  const calm = new AbortController();
  let endedByItself = false;
  try {
    if (life.way === 'rebuild') await hub.command('rebuild');
    else if (await started(ground, life)) {
      wire.lead(hub.url);
      const troubled = makeTrouble(ground, life, calm.signal);
      if (life.way === 'stop') {
        await sleep(400);
        process.kill(hub.pid, 'SIGTERM');
      }
      const bound = sleep(life.afterMs ?? patienceMs, undefined, { signal: calm.signal });
      await Promise.race([hub.ended(), bound]);
      wire.lead();
      calm.abort();
      await troubled;
      endedByItself = !hub.isRunning;
      if (!endedByItself) await hub.kill();
    } else endedByItself = true;
  } finally {
    wire.lead();
    calm.abort();
  }
  if ((await countKilled(ground)) > before) return 'at-place';
  if (life.afterMs === undefined) throw await neverReached(ground, life, ground.hub);
  if (endedByItself && life.way === 'run') return 'by-itself';
  return life.place === undefined ? 'at-random' : 'missed';
}

export function ordersOf({ place, trouble }: Life, bug: string | undefined): Omit<Orders, 'log'> {
  return {
    ...(place && { kill: place }),
    ...(bug !== undefined && { bug }),
    ...(trouble.kind === 'clock' && { clock: { afterMs: 300, offsetMs: trouble.offsetMs } }),
    ...(trouble.kind === 'meddled' && { meddle: trouble.places }),
  };
}

/** False: it died on the way, as ordered, or its store was away. Any other failure to start is one. */
async function started(ground: Ground, { trouble }: Life): Promise<boolean> {
  const before = await countKilled(ground);
  try {
    await ground.hub.start();
    return true;
  } catch (error) {
    if ((await countKilled(ground)) > before) return false;
    if (trouble.kind === 'meddled' && String(error).includes('STORE_UNAVAILABLE')) return false;
    throw error;
  }
}

export async function countKilled(ground: Ground): Promise<number> {
  return (await ground.notes()).filter((line) => line.startsWith('killed ')).length;
}

export async function neverReached(
  ground: Ground,
  { place }: Life,
  hub: HubProcess,
): Promise<Error> {
  const passed = (await ground.notes()).filter((line) => line.startsWith('passed ')).length;
  return new Error(
    `a life came not ${place?.nth ?? 1} times to ${place?.at ?? 'its end'} within ${patienceMs} ms; ${passed} places were passed so far. The hub said: ${hub.output().slice(-2_000)}`,
  );
}
