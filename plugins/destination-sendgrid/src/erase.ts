// Erasure: the contact is deleted, and an erase job removes what SendGrid keeps of the address beyond
// contacts (activity, names, subjects). The erase job has no status; the contact's absence is confirmed
// by `poll`.
import type { DeliveryOutcome, EraseDelivery, Outcome } from '@tributary/sdk';
import { readId } from './client.ts';
import type { SendgridCall } from './connection.ts';
import { deleteContacts } from './delete-contacts.ts';
import { holdBack } from './hold-back.ts';
import { mentions } from './put-contacts.ts';
import { all, sendInParts, type PartResult } from './send-in-parts.ts';

/** The vendor takes 5,000 addresses or 256 KB; 900 of the longest addresses stay below. */
const mostAddresses = 900;

export async function erasePeople(
  call: SendgridCall & { readonly deliveries: readonly EraseDelivery[] },
): Promise<DeliveryOutcome[]> {
  const { early, ready } = await holdBack(call, '', call.deliveries);
  const erasures = await sendInParts<EraseDelivery>({
    items: ready,
    most: mostAddresses,
    send: (part) => erasePart(call, part),
    named: ({ key }, errors) => errors.find(({ message }) => mentions(message, key))?.message,
  });
  const deletions = await deleteContacts(call, ready);
  const sent = [...erasures].map(([{ handle }, erasure]) => ({
    handle,
    outcome: combine(erasure, deletions.get(handle)),
  }));
  return [...early, ...sent];
}

async function erasePart(
  { connection, signal }: SendgridCall,
  part: readonly EraseDelivery[],
): Promise<PartResult<EraseDelivery>> {
  const body = { email_addresses: [...new Set(part.map(({ key }) => key))] };
  const path = '/v3/recipients/erasejob';
  const answer = await connection.client.ask({ method: 'POST', path, body }, signal);
  if (!answer.taken) return { kind: 'refused', refusal: answer };
  readId(answer, 'job_id');
  return all(part, { kind: 'delivered' });
}

/** Erased means both; what has not been done yet decides. */
function combine(erasure: Outcome, deletion: Outcome | undefined): Outcome {
  const outcomes = deletion === undefined ? [erasure] : [deletion, erasure];
  return (
    outcomes.find(({ kind }) => kind !== 'delivered' && kind !== 'accepted') ??
    outcomes.find(({ kind }) => kind === 'accepted') ??
    erasure
  );
}
