// The vendor's copy of a person: written as a contact on no list, deleted when she should not be there.
import { isPluginError, outcomeOfError } from '@tributary/sdk';
import type { DeliveryOutcome, JsonObject, ProfileDelivery } from '@tributary/sdk';
import type { SendgridCall } from './connection.ts';
import { deleteContacts } from './delete-contacts.ts';
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
  const written = writes.length === 0 ? [] : await putContacts(call, writes, '');
  return [...written, ...(await removeProfiles(call, leaving, written.length > 0))];
}

function namesGone(previous: JsonObject | null, next: JsonObject): string[] {
  return Object.keys(previous ?? {}).filter((name) => next[name] === undefined);
}

/** Once something was written, a failure concerns those who were to be removed and nobody else. */
async function removeProfiles(
  call: SendgridCall,
  leaving: readonly ProfileDelivery[],
  hasWritten: boolean,
): Promise<DeliveryOutcome[]> {
  if (leaving.length === 0) return [];
  try {
    const outcomes = await deleteContacts(call, leaving);
    return [...outcomes].map(([handle, outcome]) => ({ handle, outcome }));
  } catch (error) {
    if (!hasWritten || !isPluginError(error)) throw error;
    const outcome = outcomeOfError(error);
    return leaving.map(({ handle }) => ({ handle, outcome }));
  }
}
