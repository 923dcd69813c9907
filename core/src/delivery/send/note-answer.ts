// What an answer says about the destination itself: whether it is up, wants to be left alone, or knows
// the credentials no more. Told of the whole call or of single deliveries, it is heard alike.
import { stopByHub } from '../instance-state.ts';
import { rememberDown } from '../remember-down.ts';
import type { InstanceWorld } from '../world.ts';
import type { PluginAnswer } from './call-plugin.ts';
import type { CallFailure } from './read-outcomes.ts';
import type { Settlement } from './settlement.ts';

export async function noteAnswer(world: InstanceWorld, answer: PluginAnswer): Promise<void> {
  await hear(world, answer);
  await rememberDown(world);
}

async function hear(world: InstanceWorld, { failure, settlements }: PluginAnswer): Promise<void> {
  if (failure === undefined) return noteOutcomes(world, [...settlements.values()]);
  const { traffic, clock } = world;
  const now = clock.now();
  switch (failure.kind) {
    case 'auth':
      return pauseForAuth(world, failure.reason);
    case 'rate_limited':
      return traffic.noteRateLimit(now, failure.retryAfterMs);
    case 'rejected':
      return traffic.noteSuccess();
    case 'transient':
    case 'unknown':
      return traffic.noteFailure(now, failure.retryAfterMs);
  }
}

type Retry = Settlement & { readonly kind: 'retry' };

async function noteOutcomes(
  world: InstanceWorld,
  settlements: readonly Settlement[],
): Promise<void> {
  const { traffic, clock } = world;
  const now = clock.now();
  const retries = settlements.filter((settlement) => settlement.kind === 'retry');
  const refused = retries.find(({ because }) => because === 'auth');
  const limited = retries.filter(({ because }) => because === 'rate_limited');
  const isUp = settlements.length === 0 || !settlements.every(isFailure);
  if (isUp) traffic.noteSuccess();
  if (limited.length > 0) traffic.noteRateLimit(now, longestWait(limited));
  else if (!isUp && refused === undefined) {
    // A wait that comes with no cause is about that delivery; one with a cause is the destination's.
    const told = retries.filter(({ because }) => because !== undefined);
    traffic.noteFailure(now, longestWait(told));
  }
  if (refused !== undefined) await pauseForAuth(world, refused.reason);
}

/** What does not run anyway, e.g. since a guard stopped it, keeps its state and calls less often. */
async function pauseForAuth(world: InstanceWorld, message: string): Promise<void> {
  if (await stopByHub(world, 'paused', { code: 'AUTH_FAILED', message })) return;
  world.traffic.noteFailure(world.clock.now(), undefined);
}

function isFailure(settlement: Settlement): boolean {
  return settlement.kind === 'retry' || settlement.kind === 'in_doubt';
}

function longestWait(retries: readonly Retry[]): number | undefined {
  const waits = retries.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** A call that failed as a whole, as the end of each delivery that it carried. */
export function settlementOf(failure: CallFailure): Settlement {
  const { kind, reason, code, retryAfterMs } = failure;
  const after = retryAfterMs === undefined ? {} : { retryAfterMs };
  switch (kind) {
    case 'auth':
    case 'rate_limited':
      return { kind: 'retry', reason, counts: false, ...after };
    case 'transient':
      return { kind: 'retry', reason, counts: true, ...after };
    case 'rejected':
      return { kind: 'rejected', reason, code };
    case 'unknown':
      return { kind: 'in_doubt', reason, counts: true };
  }
}

/** A destination that is down is nobody's fault: the attempts are kept for those who are to blame. */
export function keepAttempt(world: InstanceWorld, settlement: Settlement): Settlement {
  const tried = settlement.kind === 'retry' || settlement.kind === 'in_doubt';
  return tried && world.traffic.isDown() ? { ...settlement, counts: false } : settlement;
}
