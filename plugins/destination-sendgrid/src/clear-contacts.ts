// Taking back what the profile sync wrote. The contact itself stays: whoever is on a list would fall off
// every one with it, and who was in the account before the hub was is not the hub's to delete.
import type { DeliveryOutcome, Outcome, ProfileDelivery } from '@tributary/sdk';
import { lookOnceMore } from './absence.ts';
import type { SendgridCall } from './connection.ts';
import { holdBack } from './hold-back.ts';
import { lookUp, otherIdentifiers, type FoundContact } from './look-up.ts';
import type { ContactDelivery } from './put-contacts.ts';
import { rejectionOf } from './send-in-parts.ts';

type IdentifierType = (typeof otherIdentifiers)[number];

/** As the interface spells them. */
const identifierNames: Readonly<Record<IdentifierType, string>> = {
  phone_number_id: 'PHONENUMBERID',
  external_id: 'EXTERNALID',
  anonymous_id: 'ANONYMOUSID',
};
/** One request each: more would not end in time. */
const mostDrops = 50;
/** SendGrid's jobs take seconds to minutes. */
const stillDroppingMs = 5_000;

export interface Clearing {
  /** Who needs nothing written. */
  readonly done: readonly DeliveryOutcome[];
  readonly writes: readonly ContactDelivery[];
}

/** Empties exactly the fields that were sent. Identifiers go first: a contact is written only under all that it has. */
export async function prepareClearing(
  call: SendgridCall,
  leaving: readonly ProfileDelivery[],
): Promise<Clearing> {
  const { client } = call.connection;
  const { early, ready } = await holdBack(call, '', leaving);
  const keys = ready.map(({ key }) => key);
  const { found, refused } = await lookUp(client, keys, call.signal);
  const done: DeliveryOutcome[] = [...early];
  const writes: ContactDelivery[] = [];
  const drops = { left: mostDrops };
  for (const delivery of ready) {
    const { handle, key } = delivery;
    const refusal = refused.get(key);
    const contact = found.get(key);
    const outcome =
      refusal === undefined
        ? await endWithoutWriting(call, delivery, contact, drops)
        : rejectionOf(refusal);
    if (outcome !== undefined) done.push({ handle, outcome });
    else if (contact !== undefined) {
      writes.push({ handle, key, traits: contact.identifiers, cleared: fieldsOf(delivery) });
    }
  }
  return { done, writes };
}

async function endWithoutWriting(
  call: SendgridCall,
  delivery: ProfileDelivery,
  contact: FoundContact | undefined,
  drops: { left: number },
): Promise<Outcome | undefined> {
  if (contact === undefined) return lookOnceMore(call, '');
  // What was learnt of the contact may be one of those that are to go.
  call.connection.identifiers.delete(delivery.key);
  const dropping = await dropIdentifiers(call, delivery, contact, drops);
  if (dropping !== undefined) return dropping;
  return fieldsOf(delivery).length === 0 ? { kind: 'delivered' } : undefined;
}

function fieldsOf({ previous }: ProfileDelivery): string[] {
  const identifiers: ReadonlySet<string> = new Set(otherIdentifiers);
  return Object.keys(previous ?? {}).filter((name) => !identifiers.has(name));
}

const stillDropping: Outcome = {
  kind: 'retry',
  reason: 'SendGrid is still taking identifiers off this contact',
  because: 'not_sent',
  retryAfterMs: stillDroppingMs,
};

/** Undefined once the contact has no identifier any more that was sent for it. */
async function dropIdentifiers(
  { connection, signal }: SendgridCall,
  { previous }: ProfileDelivery,
  { id, identifiers }: FoundContact,
  drops: { left: number },
): Promise<Outcome | undefined> {
  const sent = otherIdentifiers.filter(
    (type) => identifiers[type] !== undefined && identifiers[type] === textOf(previous?.[type]),
  );
  for (const type of sent) {
    if (drops.left === 0) break;
    drops.left -= 1;
    const path = `/v3/marketing/contacts/${encodeURIComponent(id)}/identifiers`;
    const body = { identifier_type: identifierNames[type], identifier_value: identifiers[type] };
    const answer = await connection.client.ask({ method: 'DELETE', path, body }, signal);
    // 404: it went meanwhile, which the next look shows.
    if (!answer.taken && answer.status !== 404) return rejectionOf(answer);
  }
  return sent.length === 0 ? undefined : stillDropping;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
