// Members of a list. Both directions are jobs at SendGrid: what is accepted here is confirmed, or not,
// by `poll`.
import { PluginError, sameOutcome } from '@tributary/sdk';
import type { AudienceCall, DeliveryOutcome, MemberDelivery, Outcome } from '@tributary/sdk';
import { lookOnceMore } from './absence.ts';
import { readId } from './client.ts';
import type { SendgridConnection } from './connection.ts';
import { missing } from './directory.ts';
import { holdBack } from './hold-back.ts';
import { writeJob } from './jobs.ts';
import { lookUp } from './look-up.ts';
import { putContacts } from './put-contacts.ts';
import { rejectionOf, sendInParts, type PartResult } from './send-in-parts.ts';
import type { SendgridSettings } from './settings.ts';

type Call = AudienceCall<SendgridSettings, SendgridConnection>;

/** Contact ids travel in the query: 100 of them keep the request line under 4 KB. */
const mostRemovals = 100;

export async function addMembers(call: Call): Promise<DeliveryOutcome[]> {
  if (call.deliveries.length === 0) return [];
  const listId = await call.connection.directory.findList(call.list, call.signal);
  if (listId === undefined) return waitForList(call);
  return putContacts(call, call.deliveries, listId);
}

function waitForList({ deliveries, list }: Call): DeliveryOutcome[] {
  return sameOutcome(deliveries, missing(`list '${list}'`));
}

interface Removal {
  readonly delivery: MemberDelivery;
  readonly id: string;
}

export async function removeMembers(call: Call): Promise<DeliveryOutcome[]> {
  if (call.deliveries.length === 0) return [];
  const listId = await call.connection.directory.findList(call.list, call.signal);
  if (listId === undefined) return waitForList(call);
  const { early: held, ready } = await holdBack(call, listId, call.deliveries);
  const early = [...held];
  const removals = await resolveIds(call, listId, ready, early);
  const outcomes = await sendInParts<Removal>({
    items: removals,
    most: mostRemovals,
    send: (part) => removePart(call, listId, part),
  });
  const sent = [...outcomes].map(([{ delivery }, outcome]) => ({
    handle: delivery.handle,
    outcome,
  }));
  return [...early, ...sent];
}

/** By the id an earlier outcome named, else by address. Who is not on the list needs no request. */
async function resolveIds(
  call: Call,
  listId: string,
  deliveries: readonly MemberDelivery[],
  early: DeliveryOutcome[],
): Promise<Removal[]> {
  const unknown = deliveries.filter(({ vendorId }) => vendorId === undefined);
  const keys = unknown.map(({ key }) => key);
  const { found, refused } = await lookUp(call.connection.client, keys, call.signal);
  return deliveries.flatMap((delivery): Removal[] => {
    if (delivery.vendorId !== undefined) return [{ delivery, id: delivery.vendorId }];
    const contact = found.get(delivery.key);
    if (contact?.listIds.includes(listId)) return [{ delivery, id: contact.id }];
    const refusal = refused.get(delivery.key);
    const outcome = refusal === undefined ? lookOnceMore(call, listId) : rejectionOf(refusal);
    early.push({ handle: delivery.handle, outcome });
    return [];
  });
}

async function removePart(
  call: Call,
  listId: string,
  part: readonly Removal[],
): Promise<PartResult<Removal>> {
  const { connection, clock, signal } = call;
  const ids = [...new Set(part.map(({ id }) => id))].map(encodeURIComponent).join(',');
  const path = `/v3/marketing/lists/${listId}/contacts?contact_ids=${ids}`;
  const startedAt = clock.now();
  const answer = await connection.client.ask({ method: 'DELETE', path }, signal);
  if (!answer.taken) {
    if (answer.status === 404 && !part.every(isFresh)) return removeAnew(call, listId, part);
    if (answer.status === 404) throw new PluginError('transient', 'contacts changed meanwhile');
    return { kind: 'refused', refusal: answer };
  }
  const job = writeJob({ kind: 'remove', listId, id: readId(answer, 'job_id'), startedAt });
  const accepted = { kind: 'accepted', job } as const;
  const outcomes = part.map((removal) => [removal, { ...accepted, vendorId: removal.id }] as const);
  return { kind: 'settled', outcomes: new Map(outcomes) };
}

/** True for an id that was looked up in this call; one from an earlier outcome may be out of date. */
function isFresh({ delivery, id }: Removal): boolean {
  return delivery.vendorId !== id;
}

/** Some id, or the list itself, is gone: asks again with the ids of those who are on the list now. */
async function removeAnew(
  call: Call,
  listId: string,
  part: readonly Removal[],
): Promise<PartResult<Removal>> {
  const keys = part.map(({ delivery }) => delivery.key);
  const { found, refused } = await lookUp(call.connection.client, keys, call.signal);
  const outcomes = new Map<Removal, Outcome>();
  const again: { readonly original: Removal; readonly fresh: Removal }[] = [];
  for (const original of part) {
    const contact = found.get(original.delivery.key);
    if (contact?.listIds.includes(listId)) {
      const { vendorId: _stale, ...delivery } = original.delivery;
      again.push({ original, fresh: { delivery, id: contact.id } });
      continue;
    }
    const refusal = refused.get(original.delivery.key);
    outcomes.set(
      original,
      refusal === undefined ? lookOnceMore(call, listId) : rejectionOf(refusal),
    );
  }
  if (again.length === 0) return { kind: 'settled', outcomes };
  const result = await removePart(
    call,
    listId,
    again.map(({ fresh }) => fresh),
  );
  if (result.kind === 'refused') return result;
  for (const { original, fresh } of again) {
    const outcome = result.outcomes.get(fresh);
    if (outcome !== undefined) outcomes.set(original, outcome);
  }
  return { kind: 'settled', outcomes };
}
