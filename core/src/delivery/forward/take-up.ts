// Puts events of the log into their lanes, as far as there is room in them.
import { isoTime, type Transaction } from '../../store/store.ts';
import type { BookKeeper } from '../books.ts';
import { laneOf } from '../lane.ts';
import { restoredMeanwhile, type InstanceWorld, type ResolvedEvent } from '../world.ts';
import {
  insertDoubted,
  insertForward,
  selectCursor,
  upsertCursor,
  type LaneEvent,
} from './plans.ts';

/** Events that are looked at in one transaction. */
export const pageSize = 500;

export function consumer(world: InstanceWorld): string {
  return `forward:${world.id}`;
}

/** Who holds it is the only one that puts events into lanes of the instance. */
export async function lockCursor(
  world: InstanceWorld,
  transaction: Transaction,
): Promise<number | undefined> {
  const [cursor] = await transaction.query<{ position: number }>(selectCursor, [consumer(world)]);
  return cursor?.position;
}

export async function moveCursor(
  world: InstanceWorld,
  transaction: Transaction,
  position: number,
): Promise<void> {
  await transaction.query(upsertCursor, [consumer(world), position]);
}

export function toLane({ record }: ResolvedEvent): LaneEvent {
  return { number: record.number, lane: laneOf(record) };
}

export async function putIntoLanes(
  world: InstanceWorld,
  transaction: Transaction,
  events: readonly LaneEvent[],
  books: BookKeeper,
): Promise<void> {
  const rows = await transaction.query<{ number: number }>(insertForward, [
    world.id,
    events.map(({ number }) => number),
    events.map(({ lane }) => lane),
    isoTime(world.clock.now()),
  ]);
  books.note('', 'event', { planned: rows.length });
}

/** What may have gone out already, and must not twice. */
export async function putInDoubt(
  world: InstanceWorld,
  transaction: Transaction,
  events: readonly LaneEvent[],
  books: BookKeeper,
): Promise<void> {
  const rows = await transaction.query<{ number: number }>(insertDoubted, [
    world.id,
    events.map(({ number }) => number),
    events.map(({ lane }) => lane),
    isoTime(world.clock.now()),
    restoredMeanwhile,
  ]);
  books.note('', 'event', { planned: rows.length });
}
