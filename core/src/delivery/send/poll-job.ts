// One question about a job. That the question failed says nothing about the job: it is asked again, unless
// the vendor will not answer it, e.g. since it knows of no such job.
import type { DeliveryBase } from '@tributary/sdk';
import type { InstanceWorld } from '../world.ts';
import { waitMs } from './backoff.ts';
import { callPlugin } from './call-plugin.ts';
import type { Settlement } from './settlement.ts';
import { keepAttempt, noteAnswer } from './note-answer.ts';

export async function pollJob(
  world: InstanceWorld,
  job: string,
  deliveries: readonly DeliveryBase[],
): Promise<Map<string, Settlement>> {
  const { poll } = world.destination.plugin;
  const all = (settlement: Settlement): Map<string, Settlement> =>
    new Map(deliveries.map(({ handle }) => [handle, settlement]));
  if (!poll) {
    const reason = 'the vendor took a job and the plugin cannot ask about it';
    return all({ kind: 'in_doubt', reason, counts: true });
  }
  const handles = deliveries.map(({ handle }) => handle);
  const answer = await callPlugin(world, handles, (call) => poll({ ...call, job, deliveries }));
  await noteAnswer(world, answer);
  if (answer.failure === undefined) {
    const kept = [...answer.settlements].map(
      ([handle, settlement]) => [handle, keepAttempt(world, settlement)] as const,
    );
    return new Map(kept);
  }
  const { kind, reason, retryAfterMs } = answer.failure;
  if (kind === 'rejected') return all({ kind: 'in_doubt', reason, counts: true });
  const { retry } = world.settings;
  const wait = waitMs(1, retryAfterMs, retry, world.random);
  const pollAt = world.clock.now() + Math.max(wait, world.limits.pollAfterMs);
  return all({ kind: 'accepted', job, pollAt });
}
