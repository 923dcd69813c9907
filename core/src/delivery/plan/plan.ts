// One step of an instance's planning. Each source of change has a place of its own up to which it
// is planned: erasures, consents that ended, changed profiles; behind them a sweep goes over the
// whole ledger, so that whatever slipped through heals.
import { isoTime, type Transaction } from '../../store/store.ts';
import type { InstanceWorld } from '../world.ts';
import { refreshMembers } from './refresh.ts';
import { planPeople } from './plan-people.ts';
import {
  countChangedProfiles,
  dropStrayHolders,
  selectChangedProfiles,
  selectErasedKeys,
  selectErasures,
  selectExpiredProfiles,
  selectExpiries,
  upsertPlanState,
} from './plans.ts';
import { readPlanState, takeUpPlanState, type PlanState } from './plan-state.ts';
import type { Sweep } from './sweep.ts';

/** Profiles planned in one transaction; on the embedded store everybody waits for its one connection. */
const sliceSizes = { embedded: 200, server: 1_000 } as const;

/** Runs one step; true when there may be more to do. */
export async function planStep(world: InstanceWorld, sweep: Sweep): Promise<boolean> {
  const now = world.clock.now();
  const worked = await world.store.transaction('background', async (transaction) => {
    const state = await takeUpPlanState(world, transaction, now);
    const steps = [planErasures, planExpiries, planChanges];
    for (const step of steps) {
      const reached = await step(world, transaction, state, now);
      if (reached === undefined) continue;
      await writePlanState(world, transaction, { ...state, ...reached.state });
      return reached;
    }
    return undefined;
  });
  if (worked?.erased === true) sweep.restart();
  if (worked?.busy === true) return true;
  if (await refreshMembers(world, now)) return true;
  return sweep.step(world, now);
}

interface Reached {
  readonly state: Partial<PlanState>;
  /** Something was planned: there may be more. */
  readonly busy: boolean;
  readonly erased?: boolean;
}

type PlanSource = (
  world: InstanceWorld,
  transaction: Transaction,
  state: PlanState,
  now: number,
) => Promise<Reached | undefined>;

const planErasures: PlanSource = async (world, transaction, state, now) => {
  const numbers = await transaction.query<{ number: number }>(selectErasures, [state.erasedTo, 50]);
  const last = numbers.at(-1);
  if (last === undefined) return undefined;
  const keys = await transaction.query<{ keyHash: string }>(selectErasedKeys, [
    world.id,
    state.erasedTo,
    last.number,
  ]);
  const keyHashes = keys.map((row) => row.keyHash);
  await planPeople(world, transaction, { keyHashes }, now);
  await transaction.query(dropStrayHolders, [world.id, keyHashes]);
  return { state: { erasedTo: last.number }, busy: true, erased: true };
};

const planExpiries: PlanSource = async (world, transaction, state, now) => {
  const ends = await transaction.query<{ at: number }>(selectExpiries, [
    isoTime(state.expiredTo),
    isoTime(now),
    sliceSizes[world.store.kind],
  ]);
  const last = ends.at(-1);
  if (last === undefined) return undefined;
  const profiles = await transaction.query<{ profileId: string }>(selectExpiredProfiles, [
    isoTime(state.expiredTo),
    isoTime(last.at),
    world.settings.purposes,
    world.destination.plugin.channel,
  ]);
  const profileIds = profiles.map((row) => row.profileId);
  await planPeople(world, transaction, { profileIds }, now);
  return { state: { expiredTo: last.at }, busy: true };
};

const planChanges: PlanSource = async (world, transaction, state, now) => {
  const rows = await transaction.query<{ id: string; changed: number }>(selectChangedProfiles, [
    state.changed,
    state.profileId,
    sliceSizes[world.store.kind],
  ]);
  const last = rows.at(-1);
  if (last === undefined) return undefined;
  await planPeople(world, transaction, { profileIds: rows.map((row) => row.id) }, now);
  return { state: { changed: last.changed, profileId: last.id }, busy: true };
};

async function writePlanState(
  world: InstanceWorld,
  transaction: Transaction,
  state: PlanState,
): Promise<void> {
  await transaction.query(upsertPlanState, [
    world.id,
    state.settingsHash,
    state.changed,
    state.profileId,
    isoTime(state.expiredTo),
    state.erasedTo,
  ]);
}

/** How many profiles wait to be planned; counted up to 100,000. */
export async function planningLag(world: InstanceWorld): Promise<number> {
  return world.store.transaction('background', async (transaction) => {
    const { changed, profileId } = await readPlanState(world, transaction, world.clock.now());
    const [row] = await transaction.query<{ count: number }>(countChangedProfiles, [
      changed,
      profileId,
    ]);
    return row?.count ?? 0;
  });
}
