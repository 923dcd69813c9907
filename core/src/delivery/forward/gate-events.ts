// The gate for forwarded events: what the event itself says of consent, the person's consent, and
// the stops that are not resolved yet.
import { loadPersonHashes } from '../plan/stops.ts';
import type { GateFinding } from '../send/ship.ts';
import type { InstanceWorld } from '../world.ts';
import { identifiersOf, loadVisitors, type EventItem } from './event-delivery.ts';
import { isConsentEvent } from './select-events.ts';

export async function gateEvents(
  world: InstanceWorld,
  items: readonly EventItem[],
): Promise<Map<string, GateFinding>> {
  const { purposes } = world.settings;
  const { channel } = world.destination.plugin;
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
    const now = world.clock.now();
    const decisions = await world.consent.decide(transaction, subjects, purposes, channel, now);
    return { hashes, stopped, decisions };
  });
  const granted = new Map(
    held.map((item, place) => [item.number, found.decisions[place]?.granted ?? false]),
  );
  return new Map(
    items.map((item) => {
      const hashes = found.hashes.get(item.number) ?? [];
      const reason = refusal(world, item, granted.get(item.number) ?? false);
      const stopped = hashes.some((hash) => found.stopped.has(hash));
      return [
        String(item.number),
        finding(item, reason ?? (stopped ? 'stopped' : undefined), hashes),
      ];
    }),
  );
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
  item: EventItem,
  reason: string | undefined,
  hashes: readonly string[],
): GateFinding {
  if (isConsentEvent(item.event.record)) return { pass: true, hashes: [] };
  if (reason === undefined) return { pass: true, hashes };
  return {
    pass: false,
    settlement: { kind: 'filtered', by: 'gate', reason: `consent: ${reason}` },
  };
}
