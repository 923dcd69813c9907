// Guards against mass removal, mass addition and mass sending. What would cross a configured share
// stops the instance and asks a person; who said no is taken out all the same.
import { isoTime, type Transaction } from '../store/store.ts';
import { countActionsToGuard } from './action/plans.ts';
import { openGuardWindow, selectComputing } from './guard-plans.ts';
import { readInstanceState, stopByHub } from './instance-state.ts';
import type { DeliveryGuards } from './settings.ts';
import { selectListSizes } from './state/plans.ts';
import type { InstanceWorld } from './world.ts';

/** A slow drain within so much time counts as one. */
export const guardWindowMs = 3_600_000;

export interface ListNumbers {
  /** Possibly present now. */
  readonly present: number;
  /** Waiting to be taken out, not counting those who said no. */
  readonly removals: number;
  /** Waiting to be put on. */
  readonly adds: number;
  /** Possibly present when the window began. */
  readonly before: number;
}

/** What is wrong with going on, in numbers; undefined: nothing. Pure. */
export function judgeList(
  list: string,
  numbers: ListNumbers,
  guards: DeliveryGuards,
): { readonly code: string; readonly message: string } | undefined {
  const { present, removals, adds, before } = numbers;
  const name = list === '' ? 'the profiles' : `list ${list}`;
  const shrunk = Math.max(removals, before - (present - removals + adds));
  const basis = Math.max(before, present);
  if (shrunk >= guards.floor && shrunk > guards.maxRemovedShare * basis) {
    return {
      code: 'MASS_REMOVAL',
      message: `${name}: ${shrunk} of ${basis} would be removed, at most ${percent(guards.maxRemovedShare)} may be. Look at what changed, then approve or mend it.`,
    };
  }
  const grown = present + adds - before;
  const allowed = guards.maxAddedShare * Math.max(before, guards.floor);
  // The first filling of a list is what the list is for.
  if (before > 0 && grown >= guards.floor && grown > allowed) {
    return {
      code: 'MASS_ADDITION',
      message: `${name}: ${grown} would be added to ${before}, at most ${Math.floor(allowed)} may be. Look at what changed, then approve or mend it.`,
    };
  }
  return undefined;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** May the waiting changes of this list go? Stops the instance where a guard says no. */
export async function passListGuard(world: InstanceWorld, list: string): Promise<boolean> {
  const { guardMemory } = world;
  if (guardMemory.knows(list)) return true;
  const generation = guardMemory.generation();
  const found = await world.store.transaction('background', async (transaction) => {
    if (await isApproved(world, transaction)) return undefined;
    const numbers = await readNumbers(world, transaction, list);
    return judgeList(list, numbers, world.settings.guards);
  });
  if (found === undefined) guardMemory.remember(list, generation);
  return stopOn(world, found);
}

export async function passActionGuard(world: InstanceWorld): Promise<boolean> {
  const { maxActionsPerHour } = world.settings.guards;
  const found = await world.store.transaction('background', async (transaction) => {
    if (await isApproved(world, transaction)) return undefined;
    const from = isoTime(world.clock.now() - guardWindowMs);
    const [row] = await transaction.query<{ count: number }>(countActionsToGuard, [world.id, from]);
    const count = row?.count ?? 0;
    if (count <= maxActionsPerHour) return undefined;
    return {
      code: 'MASS_SENDING',
      message: `${count} actions wait or have left within an hour, at most ${maxActionsPerHour} may be. Look at what changed, then approve or mend it.`,
    };
  });
  return stopOn(world, found);
}

/** True while an audience behind the list is being computed: its removals wait. */
export async function isListComputing(world: InstanceWorld, list: string): Promise<boolean> {
  const { audiences, profiles } = world.settings;
  const names = audiences.filter((sync) => sync.list === list).map((sync) => sync.audience);
  if (list === '' && profiles?.audience !== undefined) names.push(profiles.audience);
  const rows = await world.store.query<{ name: string }>('background', selectComputing, [names]);
  return rows.length > 0;
}

async function isApproved(world: InstanceWorld, transaction: Transaction): Promise<boolean> {
  const { approvedUntil } = await readInstanceState(transaction, world.id);
  return approvedUntil !== null && approvedUntil > world.clock.now();
}

async function readNumbers(
  world: InstanceWorld,
  transaction: Transaction,
  list: string,
): Promise<ListNumbers> {
  const [row] = await transaction.query<{ present: number; removals: number; adds: number }>(
    selectListSizes,
    [world.id, list],
  );
  const { present, removals, adds } = row ?? { present: 0, removals: 0, adds: 0 };
  const now = world.clock.now();
  const [window] = await transaction.query<{ size: number }>(openGuardWindow, [
    world.id,
    list,
    isoTime(now),
    present,
    isoTime(now - guardWindowMs),
  ]);
  return { present, removals, adds, before: window?.size ?? present };
}

async function stopOn(
  world: InstanceWorld,
  found: { readonly code: string; readonly message: string } | undefined,
): Promise<boolean> {
  if (found === undefined) return true;
  await stopByHub(world, 'guarded', found);
  return false;
}
