// From an event of the log to what a destination is handed.
import type { EventDelivery, JsonObject } from '@tributary/sdk';
import type { StandardIdentifier } from '../../standardise/standard-record.ts';
import { isKeyFailure, vendorKeyOf } from '../plan/vendor-keys.ts';
import type { InstanceWorld, ResolvedEvent } from '../world.ts';
import { selectIdsOfHashes } from './plans.ts';

export interface EventItem {
  readonly number: number;
  readonly lane: string;
  readonly attempts: number;
  readonly event: ResolvedEvent;
  readonly delivery: EventDelivery;
  readonly payload: JsonObject;
}

/** Identifier hash → the store's id of it. */
export type Visitors = ReadonlyMap<string, number>;

export async function loadVisitors(
  world: InstanceWorld,
  events: readonly ResolvedEvent[],
): Promise<Visitors> {
  const hashes = events.flatMap(({ record }) => identifiersOf(record).map(({ hash }) => hash));
  const rows = await world.store.query<{ id: number; hash: string }>('gate', selectIdsOfHashes, [
    [...new Set(hashes)],
  ]);
  return new Map(rows.map((row) => [row.hash, row.id]));
}

export function identifiersOf(record: ResolvedEvent['record']): StandardIdentifier[] {
  return [...record.identifiers, ...record.contacts];
}

export function deliveryOf(
  world: InstanceWorld,
  { record, profileId }: ResolvedEvent,
  lane: string,
  visitors: Visitors,
): EventDelivery {
  const all = identifiersOf(record);
  const { identifiers } = world.destination.plugin;
  const preferred = identifiers.flatMap(
    (name) => all.find((entry) => entry.namespace === name) ?? [],
  );
  const chosen = preferred[0] ?? record.subject ?? { namespace: '', value: '', hash: '' };
  const { namespace, value, hash } = chosen;
  const key = vendorKeyOf(world, { id: visitors.get(hash) ?? 0, hash, namespace, value });
  return {
    handle: String(record.number),
    key: isKeyFailure(key) ? '' : key.key,
    identifier: { namespace, value },
    lane,
    event: {
      messageId: record.messageHash,
      type: record.type,
      name: record.name,
      timestamp: new Date(record.at).toISOString(),
      receivedAt: new Date(record.receivedAt).toISOString(),
      identifiers: all.map((entry) => ({ namespace: entry.namespace, value: entry.value })),
      profileId: profileId ?? '',
      properties: record.properties,
      traits: record.traits,
      context: record.context,
    },
  };
}
