// Takes events out of the log into the lanes of an instance: the rows and the cursor move in one
// transaction, so nothing is lost between them. What a lane has no room for is parked until it has.
import type { Transaction } from '../../store/store.ts';
import { createBookKeeper } from '../books.ts';
import type { InstanceWorld, ResolvedEvent } from '../world.ts';
import {
  countWaiting,
  insertParked,
  selectCursor,
  selectLanes,
  upsertCursor,
  type LaneEvent,
  type LaneStanding,
} from './plans.ts';
import { refill } from './refill.ts';
import { selectEvent } from './select-events.ts';
import { mostPerLane, shareOut } from './share-out.ts';
import {
  consumer,
  lockCursor,
  moveCursor,
  pageSize,
  putInDoubt,
  putIntoLanes,
  toLane,
} from './take-up.ts';

/** Where so many wait in their lanes the log is not read on until some are gone. */
const mostWaiting = 20_000;

/** True when a page was read: there may be more. */
export async function readLog(world: InstanceWorld): Promise<boolean> {
  if (world.settings.events === undefined) return false;
  const [waiting] = await world.store.query<{ count: number }>('background', countWaiting, [
    world.id,
  ]);
  if ((waiting?.count ?? 0) >= mostWaiting) return false;
  const read = await readOn(world);
  return (await refill(world)) || read;
}

async function readOn(world: InstanceWorld): Promise<boolean> {
  const position = await readPosition(world);
  const events = await world.readEvents.after(position, pageSize);
  const last = events.at(-1);
  if (last === undefined) return false;
  return world.store.transaction('background', async (transaction) => {
    // Else somebody else read this page.
    if ((await lockCursor(world, transaction)) !== position) return true;
    await takeUp(world, transaction, events);
    await moveCursor(world, transaction, last.record.number);
    return true;
  });
}

/**
 * Where an instance stands in the log. One that is new begins with what comes after it, not with the whole
 * log; asked before more is resolved, that is everything since config has named it.
 * @param from the place of a new one; left out: as far as is resolved
 */
export async function readPosition(world: InstanceWorld, from?: number): Promise<number> {
  const [known] = await world.store.query<{ position: number }>('background', selectCursor, [
    consumer(world),
  ]);
  if (known !== undefined) return known.position;
  const position = from ?? (await world.readEvents.position());
  await world.store.query('background', upsertCursor, [consumer(world), position]);
  return position;
}

async function takeUp(
  world: InstanceWorld,
  transaction: Transaction,
  events: readonly ResolvedEvent[],
): Promise<void> {
  const { settings } = world;
  const { events: forwarding } = settings;
  if (forwarding === undefined) return;
  const books = createBookKeeper(world.id);
  const chosen: LaneEvent[] = [];
  const doubted: LaneEvent[] = [];
  for (const event of events) {
    const selection = selectEvent(event, settings, forwarding);
    if (selection === 'forward' && !settings.dryRun) {
      (mayHaveGone(world, event) ? doubted : chosen).push(toLane(event));
    } else if (selection !== 'pass') books.note('', 'event', { planned: 1, filtered: 1 });
  }
  const { taken, parked } = shareOut(chosen, await loadRooms(world, transaction, chosen));
  await putIntoLanes(world, transaction, taken, books);
  if (parked.length > 0) await park(world, transaction, parked);
  if (doubted.length > 0) await putInDoubt(world, transaction, doubted, books);
  await books.write(transaction);
}

/** The store came from a backup, and the log was not read so far when it was taken. */
function mayHaveGone(
  { destination, restoredAt = 0 }: InstanceWorld,
  event: ResolvedEvent,
): boolean {
  return event.record.receivedAt < restoredAt && destination.plugin.events?.idempotent !== true;
}

async function park(
  world: InstanceWorld,
  transaction: Transaction,
  parked: readonly LaneEvent[],
): Promise<void> {
  await transaction.query(insertParked, [
    world.id,
    parked.map(({ lane }) => lane),
    parked.map(({ number }) => number),
  ]);
}

/** A lane of which something is parked takes nothing from here: that comes first. */
async function loadRooms(
  world: InstanceWorld,
  transaction: Transaction,
  events: readonly LaneEvent[],
): Promise<Map<string, number>> {
  const lanes = [...new Set(events.map(({ lane }) => lane))];
  const rows = await transaction.query<LaneStanding>(selectLanes, [world.id, lanes, mostPerLane]);
  return new Map(
    rows.map(({ lane, waiting, parked }) => [lane, parked ? 0 : mostPerLane - waiting]),
  );
}
