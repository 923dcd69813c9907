// Gives lanes that have room again what was parked of them, in the order of the log.
import { createBookKeeper } from '../books.ts';
import type { InstanceWorld } from '../world.ts';
import { deleteParked, selectParked, selectRoomy, type LaneEvent } from './plans.ts';
import { mostPerLane, refillAt } from './share-out.ts';
import { lockCursor, putIntoLanes } from './take-up.ts';

/** Lanes that are served at once, the emptiest first. */
const lanesAtOnce = 200;

/** True when something was taken: there may be more. */
export async function refill(world: InstanceWorld): Promise<boolean> {
  const question = [world.id, refillAt, lanesAtOnce];
  const [first] = await world.store.query('background', selectRoomy, question);
  if (first === undefined) return false;
  return world.store.transaction('background', async (transaction) => {
    await lockCursor(world, transaction);
    const lanes = await transaction.query<{ lane: string; waiting: number }>(selectRoomy, question);
    const parked = await transaction.query<LaneEvent>(selectParked, [
      world.id,
      lanes.map(({ lane }) => lane),
      lanes.map(({ waiting }) => mostPerLane - waiting),
    ]);
    const books = createBookKeeper(world.id);
    await putIntoLanes(world, transaction, parked, books);
    await transaction.query(deleteParked, [
      world.id,
      parked.map(({ lane }) => lane),
      parked.map(({ number }) => number),
    ]);
    await books.write(transaction);
    return parked.length > 0;
  });
}
