// Whether an instance runs. It is kept in the store, so that a pause outlives a restart.
import { isoTime, type Queryable } from '../store/store.ts';
import { approveGuard, selectInstanceState, upsertInstanceState } from './plans.ts';
import { clearGuardWindows } from './guard-plans.ts';
import type { InstanceWorld } from './world.ts';

/** `guarded`: a guard against mass changes stopped it; who said no is still taken out. */
export type RunState = 'running' | 'paused' | 'guarded';

export interface InstanceState {
  readonly state: RunState;
  readonly code: string | null;
  readonly message: string | null;
  readonly since: number;
  /** Until then the guards let everything through. */
  readonly approvedUntil: number | null;
}

export async function readInstanceState(
  queryable: Queryable,
  instance: string,
): Promise<InstanceState> {
  const [row] = await queryable.query<{
    -readonly [field in keyof InstanceState]: InstanceState[field];
  }>(selectInstanceState, [instance]);
  return row ?? { state: 'running', code: null, message: null, since: 0, approvedUntil: null };
}

export interface PauseReason {
  readonly code: string;
  readonly message: string;
  /** `hub`, or the key id of the operator. */
  readonly by: string;
}

/** Stops sending and keeps everything. */
export async function pauseInstance(world: InstanceWorld, reason: PauseReason): Promise<void> {
  await changeState(world, 'paused', reason);
}

export async function guardInstance(world: InstanceWorld, reason: PauseReason): Promise<void> {
  await changeState(world, 'guarded', reason);
}

export async function resumeInstance(world: InstanceWorld, by: string): Promise<void> {
  world.traffic.reset();
  await changeState(world, 'running', { code: 'RESUMED', message: '', by });
}

/** An operator has looked at the numbers: until then everything passes, afterwards the guards look anew. */
export async function approveInstanceGuard(
  world: InstanceWorld,
  until: number,
  by: string,
): Promise<void> {
  const now = world.clock.now();
  await world.store.transaction('background', async (transaction) => {
    await transaction.query(approveGuard, [world.id, isoTime(now), isoTime(until)]);
    await transaction.query(clearGuardWindows, [world.id]);
    const details = { until, by };
    await world.audit(transaction, [{ kind: 'guard.approved', instance: world.id, details }]);
  });
}

async function changeState(
  world: InstanceWorld,
  state: RunState,
  { code, message, by }: PauseReason,
): Promise<void> {
  const running = state === 'running';
  await world.store.transaction('gate', async (transaction) => {
    await transaction.query(upsertInstanceState, [
      world.id,
      state,
      running ? null : code,
      running ? null : message,
      isoTime(world.clock.now()),
    ]);
    const details = { code, by };
    await world.audit(transaction, [{ kind: `instance.${state}`, instance: world.id, details }]);
  });
  if (!running) world.log.warn(`${world.id} is ${state}`, { code, message });
}
