// Forwards the head of each lane that is due. One event of a lane at a time: a vendor that takes a
// batch in part could otherwise get the later one first.
import type { DestinationPlugin } from '@tributary/sdk';
import { isoTime } from '../../store/store.ts';
import { cutBatches } from '../send/batches.ts';
import { ship } from '../send/ship.ts';
import type { InstanceWorld, ResolvedEvent } from '../world.ts';
import { disclosingGate, type BasesByHandle } from '../disclosure/bases.ts';
import {
  disclosuresOfEvent,
  passedOf,
  shownOf,
  writeDisclosures,
  type Disclosure,
} from '../disclosure/note-disclosures.ts';
import { deliveryOf, loadVisitors, type EventItem } from './event-delivery.ts';
import { gateEvents } from './gate-events.ts';
import { claimHeads } from './plans.ts';
import { settleEvents } from './settle-events.ts';

interface Claimed {
  readonly number: number;
  readonly lane: string;
  readonly attempts: number;
}

/** True when some were sent or put off: there may be more. */
export async function sendEvents(world: InstanceWorld): Promise<boolean> {
  const { events } = world.destination.plugin;
  if (world.settings.events === undefined || !events) return false;
  const claimed = await world.store.query<{ number: number; lane: string; attempts: number }>(
    'gate',
    claimHeads,
    [world.id, isoTime(world.clock.now()), world.limits.batchRecords],
  );
  if (claimed.length === 0) return false;
  const items = await loadItems(world, claimed).catch(async (error: unknown) => {
    await putBack(world, claimed);
    throw error;
  });
  for (const batch of cutBatches(items, world.limits)) await sendBatch(world, events, batch);
  return true;
}

async function sendBatch(
  world: InstanceWorld,
  events: NonNullable<DestinationPlugin['events']>,
  batch: readonly EventItem[],
): Promise<void> {
  const bases: BasesByHandle = new Map();
  const disclosures = disclosuresOf(batch);
  const settlements = await ship(world, {
    items: batch,
    handleOf: (item) => String(item.number),
    gate: disclosingGate<EventItem>(world, {
      gate: (all) => gateEvents(world, all),
      bases,
      disclose: (transaction, passed) =>
        writeDisclosures(world, transaction, passedOf(disclosures, passed)),
    }),
    invoke: (call, all) =>
      events.forward({ ...call, deliveries: all.map((item) => item.delivery) }),
  });
  await settleEvents(world, 'sending', settlements, shownOf(disclosures, settlements, bases));
}

/** By handle; an event of nobody shows nobody. */
function disclosuresOf(
  items: readonly EventItem[],
): (readonly [string, Omit<Disclosure, 'bases'>])[] {
  return items.flatMap(({ event, delivery: { handle, identifier } }) =>
    disclosuresOfEvent(event, identifier).map((disclosure) => [handle, disclosure] as const),
  );
}

/** Nothing was sent. */
async function putBack(world: InstanceWorld, claimed: readonly Claimed[]): Promise<void> {
  const settlement = { kind: 'deferred', until: world.clock.now() + 1_000 } as const;
  const all = claimed.map((row) => [String(row.number), settlement] as const);
  await settleEvents(world, 'sending', new Map(all));
}

async function loadItems(world: InstanceWorld, claimed: readonly Claimed[]): Promise<EventItem[]> {
  const events = await world.readEvents.at(claimed.map((row) => row.number));
  const byNumber = new Map(events.map((event) => [event.record.number, event]));
  await settleGone(world, claimed, byNumber);
  const found = claimed.flatMap((row) => {
    const event = byNumber.get(row.number);
    return event === undefined ? [] : [{ ...row, event }];
  });
  const visitors = await loadVisitors(
    world,
    found.map(({ event }) => event),
  );
  await world.store.transaction('gate', (transaction) =>
    world.handOut(transaction, [...new Set(found.flatMap(({ event }) => event.profileId ?? []))]),
  );
  return found.map((row) => {
    const delivery = deliveryOf(world, row.event, row.lane, visitors);
    return { ...row, delivery, payload: { event: JSON.stringify(delivery.event) } };
  });
}

/** Erased or past retention: there is nothing left to send. */
async function settleGone(
  world: InstanceWorld,
  claimed: readonly Claimed[],
  found: ReadonlyMap<number, ResolvedEvent>,
): Promise<void> {
  const gone = claimed.filter((row) => !found.has(row.number));
  const settlement = { kind: 'superseded', reason: 'the event is gone' } as const;
  await settleEvents(
    world,
    'sending',
    new Map(gone.map((row) => [String(row.number), settlement])),
  );
}
