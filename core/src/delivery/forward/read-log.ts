// Takes events out of the log into the lanes of an instance: the rows and the cursor move in one
// transaction, so nothing is lost between them.
import { isoTime, type Transaction } from '../../store/store.ts';
import { createBookKeeper } from '../books.ts';
import type { InstanceWorld, ResolvedEvent } from '../world.ts';
import { laneOf } from './lane.ts';
import { countWaiting, insertForward, selectCursor, upsertCursor } from './plans.ts';
import { selectEvent } from './select-events.ts';

const pageSize = 500;
/** What waits above this stays in the log until some of it is gone. */
const mostWaiting = 20_000;

/** True when a page was read: there may be more. */
export async function readLog(world: InstanceWorld): Promise<boolean> {
  if (world.settings.events === undefined) return false;
  const [waiting] = await world.store.query<{ count: number }>('background', countWaiting, [
    world.id,
  ]);
  if ((waiting?.count ?? 0) >= mostWaiting) return false;
  const position = await readPosition(world);
  const events = await world.readEvents.after(position, pageSize);
  const last = events.at(-1);
  if (last === undefined) return false;
  return world.store.transaction('background', async (transaction) => {
    const [cursor] = await transaction.query<{ position: number }>(selectCursor, [consumer(world)]);
    if (cursor?.position !== position) return true; // somebody else read this page
    await takeUp(world, transaction, events);
    await transaction.query(upsertCursor, [consumer(world), last.record.number]);
    return true;
  });
}

/** An instance that is new begins with what comes after it, not with the whole log. */
async function readPosition(world: InstanceWorld): Promise<number> {
  const [known] = await world.store.query<{ position: number }>('background', selectCursor, [
    consumer(world),
  ]);
  if (known !== undefined) return known.position;
  const position = await world.readEvents.position();
  await world.store.query('background', upsertCursor, [consumer(world), position]);
  return position;
}

function consumer(world: InstanceWorld): string {
  return `forward:${world.id}`;
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
  const chosen: ResolvedEvent[] = [];
  for (const event of events) {
    const selection = selectEvent(event, settings, forwarding);
    if (selection === 'forward' && !settings.dryRun) chosen.push(event);
    else if (selection !== 'pass') books.note('', 'event', { planned: 1, filtered: 1 });
  }
  const rows = await transaction.query<{ number: number }>(insertForward, [
    world.id,
    chosen.map(({ record }) => record.number),
    chosen.map(({ record }) => laneOf(record)),
    isoTime(world.clock.now()),
  ]);
  books.note('', 'event', { planned: rows.length });
  await books.write(transaction);
}
