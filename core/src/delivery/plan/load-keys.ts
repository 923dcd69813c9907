// The vendor keys of some identifiers; what the plugin cannot make a key of goes to the dead letters.
import { isoTime, type Transaction } from '../../store/store.ts';
import type { InstanceWorld } from '../world.ts';
import type { ContactIdentifier } from './contacts.ts';
import { insertMapFailures, selectIdentifiers } from './plans.ts';
import { isKeyFailure, vendorKeyOf, type KeyFailure, type VendorKey } from './vendor-keys.ts';

export async function loadKeys(
  world: InstanceWorld,
  transaction: Transaction,
  identifierIds: readonly number[],
  now: number,
): Promise<VendorKey[]> {
  if (identifierIds.length === 0) return [];
  const rows = await transaction.query<ContactIdentifier>(selectIdentifiers, [identifierIds]);
  const addressable = new Set(world.destination.plugin.identifiers);
  const keys: VendorKey[] = [];
  const failures: KeyFailure[] = [];
  for (const row of rows) {
    if (!addressable.has(row.namespace)) continue;
    const key = vendorKeyOf(world, row);
    if (isKeyFailure(key)) failures.push(key);
    else keys.push(key);
  }
  await noteFailures(world, transaction, failures, now);
  return keys;
}

async function noteFailures(
  world: InstanceWorld,
  transaction: Transaction,
  failures: readonly KeyFailure[],
  now: number,
): Promise<void> {
  if (failures.length === 0) return;
  await transaction.query(insertMapFailures, [
    world.id,
    'audience',
    'KEY_FAILED',
    isoTime(now),
    failures.map((failure) => failure.identifierId),
    failures.map((failure) => failure.message),
  ]);
}
