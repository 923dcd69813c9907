// The gate for forwarded events: what the event itself says of consent, the person's consent, and
// the stops that are not resolved yet.
import type { Transaction } from '../../store/store.ts';
import { loadPersonHashes } from '../plan/stops.ts';
import type { GateFinding } from '../send/ship.ts';
import type { InstanceWorld } from '../world.ts';
import { identifiersOf, loadVisitors, type EventItem } from './event-delivery.ts';
import { isConsentEvent } from './select-events.ts';

/** Whose event it is by now is known within moments. */
const unresolvedMs = 1_000;

export async function gateEvents(
  world: InstanceWorld,
  items: readonly EventItem[],
): Promise<Map<string, GateFinding>> {
  const { purposes } = world.settings;
  const { channel } = world.destination.plugin;
  const now = world.clock.now();
  const visitors = await loadVisitors(
    world,
    items.map((item) => item.event),
  );
  const held = items.filter((item) => item.event.profileId !== null);
  const subjects = held.map(({ event }) => ({
    profileId: event.profileId ?? '',
    identifierIds: identifiersOf(event.record).flatMap(({ hash }) => visitors.get(hash) ?? []),
  }));
  const found = await world.store.transaction('gate', async (transaction) => {
    const persons = await loadPersonHashes(
      transaction,
      subjects.map((subject) => subject.profileId),
    );
    const hashes = new Map(
      items.map((item) => [item.number, hashesOf(item, persons.get(item.event.profileId ?? ''))]),
    );
    // Stops before entries, as for states.
    const all = [...new Set([...hashes.values()].flat())];
    const stopped = await world.stopped(transaction, all, purposes, channel);
    const erased = await loadErased(world, transaction, items, hashes);
    const decisions = await world.consent.decide(transaction, subjects, purposes, channel, now);
    // People last: what is a stop no more has made a person nobody, and nobody is refused for having been
    // another person when she was asked after.
    const known = await loadPersonHashes(transaction, [...persons.keys()]);
    return { hashes, stopped, erased, decisions, known };
  });
  const decided = new Map(held.map((item, place) => [item.number, found.decisions[place]]));
  const judge = (item: EventItem): GateFinding => {
    const hashes = found.hashes.get(item.number) ?? [];
    const { profileId, record } = item.event;
    // Merged or erased since the event was read: it is read again.
    const isElsewhere = profileId !== null && !found.known.has(profileId);
    if (isConsentEvent(record)) {
      const isGone = profileId === null || hashes.some((hash) => found.erased.has(hash));
      return isElsewhere && !isGone ? readAgain(now) : tell(hashes, isGone);
    }
    if (isElsewhere) return readAgain(now);
    const decision = decided.get(item.number);
    const stopped = hashes.some((hash) => found.stopped.has(hash)) ? 'stopped' : undefined;
    const reason = refusal(world, item, decision?.granted ?? false) ?? stopped;
    return finding(reason, { hashes, bases: decision?.bases ?? [] });
  };
  return new Map(items.map((item) => [String(item.number), judge(item)]));
}

function readAgain(now: number): GateFinding {
  return { pass: false, settlement: { kind: 'deferred', until: now + unresolvedMs } };
}

/** Of those whose preferences have changed: who has a stop of everything, on every channel, an erasure. */
async function loadErased(
  world: InstanceWorld,
  transaction: Transaction,
  items: readonly EventItem[],
  hashes: ReadonlyMap<number, readonly string[]>,
): Promise<ReadonlySet<string>> {
  const told = items.filter(({ event }) => isConsentEvent(event.record));
  const asked = [...new Set(told.flatMap(({ number }) => hashes.get(number) ?? []))];
  return told.length === 0 ? new Set() : world.stopped(transaction, asked, [], '*');
}

/** A change of preferences is told whatever it says and whatever was said since; but nothing of somebody who is erased. */
function tell(hashes: readonly string[], isGone: boolean): GateFinding {
  if (isGone) return finding('nobody, or erased', { hashes, bases: [] });
  return { pass: true, hashes, stoppedBy: 'erasure', bases: [] };
}

function hashesOf(item: EventItem, person: readonly { readonly hash: string }[] = []): string[] {
  const own = identifiersOf(item.event.record).map(({ hash }) => hash);
  return [...new Set([...own, ...person.map((row) => row.hash)])];
}

/** Every purpose must be true in the event's own preferences, where it has any, and the person's consent given. */
function refusal(world: InstanceWorld, item: EventItem, granted: boolean): string | undefined {
  const { eventConsent } = item.event.record;
  const { purposes } = world.settings;
  if (eventConsent && !purposes.every((purpose) => eventConsent[purpose] === true)) {
    return 'the event’s own preferences';
  }
  return granted ? undefined : 'not granted';
}

function finding(
  reason: string | undefined,
  passed: Omit<GateFinding & { pass: true }, 'pass'>,
): GateFinding {
  if (reason === undefined) return { pass: true, ...passed };
  return {
    pass: false,
    settlement: { kind: 'filtered', by: 'gate', reason: `consent: ${reason}` },
  };
}
