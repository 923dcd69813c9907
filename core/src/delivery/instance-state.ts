// Whether an instance runs. It is kept in the store, so that a pause outlives a restart.
import { isoTime, type Queryable, type Transaction } from '../store/store.ts';
import {
  approveGuard,
  endPause,
  selectInstanceState,
  stopRunning,
  upsertInstanceState,
} from './plans.ts';
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

type HubReason = Omit<PauseReason, 'by'>;

/** Stops sending and keeps everything, whatever stopped it before. */
export async function pauseInstance(world: InstanceWorld, reason: PauseReason): Promise<void> {
  await changeState(world, 'paused', reason, async (transaction) => {
    await transaction.query(upsertInstanceState, stopOf(world, 'paused', reason));
    return true;
  });
}

/** An operator says so; guards look anew. */
export async function resumeInstance(world: InstanceWorld, by: string): Promise<void> {
  const now = isoTime(world.clock.now());
  await changeState(world, 'running', { ...resumed, by }, async (transaction) => {
    await transaction.query(upsertInstanceState, [world.id, 'running', null, null, now]);
    return true;
  });
  world.traffic.reset();
}

/** By the hub itself. False: it does not run, and stays as an operator or a guard has left it. */
export function stopByHub(
  world: InstanceWorld,
  state: 'paused' | 'guarded',
  reason: HubReason,
): Promise<boolean> {
  return changeState(world, state, { ...reason, by: 'hub' }, async (transaction) => {
    const rows = await transaction.query(stopRunning, stopOf(world, state, reason));
    return rows.length > 0;
  });
}

/** Ends a pause of the hub's own. False: another has taken its place meanwhile. */
export async function resumeByHub(world: InstanceWorld, pause: InstanceState): Promise<boolean> {
  const now = world.clock.now();
  const ended = await changeState(
    world,
    'running',
    { ...resumed, by: 'hub' },
    async (transaction) => {
      const very = [world.id, pause.code, isoTime(pause.since), isoTime(now)];
      return (await transaction.query(endPause, very)).length > 0;
    },
  );
  if (ended) world.traffic.reset();
  return ended;
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
  write: (transaction: Transaction) => Promise<boolean>,
): Promise<boolean> {
  const changed = await world.store.transaction('gate', async (transaction) => {
    if (!(await write(transaction))) return false;
    const details = { code, by };
    await world.audit(transaction, [{ kind: `instance.${state}`, instance: world.id, details }]);
    return true;
  });
  if (changed && state !== 'running') world.log.warn(`${world.id} is ${state}`, { code, message });
  return changed;
}

function stopOf(world: InstanceWorld, state: RunState, { code, message }: HubReason): unknown[] {
  return [world.id, state, code, message, isoTime(world.clock.now())];
}

const resumed = { code: 'RESUMED', message: '' } as const;
