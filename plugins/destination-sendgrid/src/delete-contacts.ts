// Deleting contacts, for erasure.
import type { DeliveryBase, Outcome } from '@tributary/sdk';
import { lookOnceMore } from './absence.ts';
import { readId } from './client.ts';
import type { SendgridCall } from './connection.ts';
import { writeJob } from './jobs.ts';
import { lookUp } from './look-up.ts';
import { all, rejectionOf, sendInParts } from './send-in-parts.ts';

/** Contact ids travel in the query: 100 of them keep the request line under 4 KB. */
const mostDeletions = 100;

interface Deletion {
  readonly handles: string[];
  readonly id: string;
}

/** By handle. Contacts that do not exist count as deleted once they have been looked for again. */
export async function deleteContacts(
  call: SendgridCall,
  deliveries: readonly DeliveryBase[],
): Promise<ReadonlyMap<string, Outcome>> {
  const { connection, signal } = call;
  const keys = deliveries.map(({ key }) => key);
  // Looked up even where an id is known: a contact that was deleted and came back has another.
  const { found, refused } = await lookUp(connection.client, keys, signal);
  const outcomes = new Map<string, Outcome>();
  const deletions = new Map<string, Deletion>();
  for (const { handle, key } of deliveries) {
    const id = found.get(key)?.id;
    const refusal = refused.get(key);
    if (refusal !== undefined) outcomes.set(handle, rejectionOf(refusal));
    else if (id === undefined) outcomes.set(handle, lookOnceMore(call, ''));
    else deletions.set(id, { id, handles: [...(deletions.get(id)?.handles ?? []), handle] });
  }
  const settled = await sendInParts<Deletion>({
    items: [...deletions.values()],
    most: mostDeletions,
    send: (part) => deletePart(call, part),
  });
  for (const [{ handles }, outcome] of settled) {
    for (const handle of handles) outcomes.set(handle, outcome);
  }
  return outcomes;
}

async function deletePart(
  { connection, clock, signal }: SendgridCall,
  part: readonly Deletion[],
): ReturnType<Parameters<typeof sendInParts<Deletion>>[0]['send']> {
  const ids = part.map(({ id }) => encodeURIComponent(id)).join(',');
  const startedAt = clock.now();
  const path = `/v3/marketing/contacts?ids=${ids}`;
  const answer = await connection.client.ask({ method: 'DELETE', path }, signal);
  if (!answer.taken) return { kind: 'refused', refusal: answer };
  const job = writeJob({ kind: 'delete', listId: '', id: readId(answer, 'job_id'), startedAt });
  return all(part, { kind: 'accepted', job });
}
