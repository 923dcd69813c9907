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
    const whereabouts = await loadWhereabouts(world, transaction, items, hashes);
    const decisions = await world.consent.decide(transaction, subjects, purposes, channel, now);
    return { hashes, stopped, whereabouts, decisions };
  });
  const decided = new Map(held.map((item, place) => [item.number, found.decisions[place]]));
  return new Map(
    items.map((item) => {
      const hashes = found.hashes.get(item.number) ?? [];
      if (isConsentEvent(item.event.record)) {
        return [String(item.number), findPreferences(item, hashes, found.whereabouts, now)];
      }
      const decision = decided.get(item.number);
      const reason = refusal(world, item, decision?.granted ?? false);
      const stopped = hashes.some((hash) => found.stopped.has(hash));
      return [
        String(item.number),
        finding(reason ?? (stopped ? 'stopped' : undefined), {
          hashes,
          bases: decision?.bases ?? [],
        }),
      ];
    }),
  );
}

interface Whereabouts {
  /** Who has a stop of everything, on every channel: an erasure. */
  readonly erased: ReadonlySet<string>;
  readonly known: { has(profileId: string): boolean };
}

/** For changes of preferences. Stops before people: what is a stop no more has made a person nobody. */
async function loadWhereabouts(
  world: InstanceWorld,
  transaction: Transaction,
  items: readonly EventItem[],
  hashes: ReadonlyMap<number, readonly string[]>,
): Promise<Whereabouts> {
  const told = items.filter(({ event }) => isConsentEvent(event.record));
  if (told.length === 0) return { erased: new Set(), known: new Set() };
  const asked = [...new Set(told.flatMap(({ number }) => hashes.get(number) ?? []))];
  const erased = await world.stopped(transaction, asked, [], '*');
  const profileIds = [...new Set(told.flatMap(({ event }) => event.profileId ?? []))];
  return { erased, known: await loadPersonHashes(transaction, profileIds) };
}

/** Told whatever it says and whatever was said since; but nothing is told of somebody who is erased. */
function findPreferences(
  { event }: EventItem,
  hashes: readonly string[],
  { erased, known }: Whereabouts,
  now: number,
): GateFinding {
  const { profileId } = event;
  if (profileId === null || hashes.some((hash) => erased.has(hash))) {
    return finding('nobody, or erased', { hashes, bases: [] });
  }
  // Merged or erased since the event was read: it is read again.
  if (!known.has(profileId)) {
    return { pass: false, settlement: { kind: 'deferred', until: now + unresolvedMs } };
  }
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
