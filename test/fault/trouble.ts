// What goes wrong around a hub while it lives: vendors that are down, slow, full of nonsense, and
// whatever the life has drawn for its store.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultEffect } from '../fakes/sendgrid/faults.ts';
import type { Random } from '../support/random.ts';
import { troubleNote } from './count-troubles.ts';
import type { Ground } from './ground.ts';
import type { Life, Trouble } from './lives.ts';
import type { SinkMood } from './sink.ts';

const effects: readonly FaultEffect[] = [
  { kind: 'rate-limited' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'cut-answer' },
  { kind: 'lost-answer' },
  { kind: 'slow', milliseconds: 700 },
  { kind: 'reset' },
  { kind: 'unknown-answer', status: 200, body: 'OK' },
];
const moods: readonly SinkMood[] = [
  'well',
  'well',
  'down',
  'slow',
  'nonsense',
  'cut',
  'silent',
  'busy',
];

/** Leaves room for what runs and none for what comes. */
const leftOnFullDisk = 64 * 1_024;

/** Ends, everything as it was, when the signal aborts. */
export async function makeTrouble(
  ground: Ground,
  { trouble, vendors }: Life,
  signal: AbortSignal,
): Promise<void> {
  if (vendors === undefined) troubleVendors(ground);
  else settleVendors(ground, vendors);
  await troubleStore(ground, trouble, signal);
}

function settleVendors({ mail, sink, wire }: Ground, vendors: 'well' | 'down'): void {
  mail.clearFaults();
  if (vendors === 'down') mail.script({ kind: 'status', status: 503, forMilliseconds: 3_600_000 });
  sink.setMood(vendors);
  wire.setLossOneIn(0);
}

function troubleVendors({ random, mail, sink, wire }: Ground): void {
  mail.clearFaults();
  for (let count = random.below(4); count > 0; count -= 1) {
    mail.script({ ...drawEffect(random), nth: 1 + random.below(5), times: 1 + random.below(3) });
  }
  sink.setMood(moods[random.below(moods.length)] ?? 'well');
  wire.setLossOneIn(random.below(3) === 0 ? 5 : 0);
}

function drawEffect(random: Random): FaultEffect {
  return effects[random.below(effects.length)] ?? { kind: 'reset' };
}

async function troubleStore(ground: Ground, trouble: Trouble, signal: AbortSignal): Promise<void> {
  const { disk, cluster, note } = ground;
  switch (trouble.kind) {
    case 'none':
    case 'clock':
    case 'meddled':
      return;
    case 'disk-full':
      await pause(300, signal);
      if (signal.aborted || !disk.canFill) return;
      await note(troubleNote(trouble.kind));
      await disk.fill(leftOnFullDisk);
      await pause(1_200, signal);
      return disk.empty();
    case 'connections-cut':
      if (cluster === undefined) return;
      for (let cuts = 0; !signal.aborted; cuts += 1) {
        await pause(400, signal);
        if (signal.aborted) return;
        if (cuts === 0) await note(troubleNote(trouble.kind));
        await cluster.cutConnections();
      }
      return;
    case 'database-restarted':
      await pause(400, signal);
      if (signal.aborted || cluster === undefined) return;
      await note(troubleNote(trouble.kind));
      return trouble.how === 'restart' ? cluster.restart() : cluster.crash();
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
