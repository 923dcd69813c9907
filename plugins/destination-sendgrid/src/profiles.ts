// The vendor's copy of a person: written as a contact on no list, its fields emptied when she should not be
// there.
import type { DeliveryOutcome, JsonObject, ProfileDelivery } from '@tributary/sdk';
import { prepareClearing } from './clear-contacts.ts';
import type { SendgridCall } from './connection.ts';
import { putContacts, type ContactDelivery } from './put-contacts.ts';

export async function upsertProfiles(
  call: SendgridCall & { readonly deliveries: readonly ProfileDelivery[] },
): Promise<DeliveryOutcome[]> {
  const writes: ContactDelivery[] = [];
  const leaving: ProfileDelivery[] = [];
  for (const delivery of call.deliveries) {
    const { handle, key, previous, next } = delivery;
    if (next === null) leaving.push(delivery);
    else writes.push({ handle, key, traits: next, cleared: namesGone(previous, next) });
  }
  const clearing = await prepareClearing(call, leaving);
  const all = [...writes, ...clearing.writes];
  const written = all.length === 0 ? [] : await putContacts(call, all, '');
  return [...clearing.done, ...written];
}

function namesGone(previous: JsonObject | null, next: JsonObject): string[] {
  return Object.keys(previous ?? {}).filter((name) => next[name] === undefined);
}
