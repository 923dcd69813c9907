// PUT of contacts, shared by audiences and profiles: map, send in parts, and one outcome per handle.
import type { DeliveryOutcome, JsonObject, Outcome } from '@tributary/sdk';
import { noteLostAnswer } from './absence.ts';
import { readId, type VendorError } from './client.ts';
import { addingKey, type SendgridCall } from './connection.ts';
import { missing } from './directory.ts';
import { writeJob } from './jobs.ts';
import { mapContact, type Contact } from './map.ts';
import { all, sendInParts, type PartResult, type Refusal } from './send-in-parts.ts';

/** The vendor's bound is 30,000; smaller requests keep a refusal cheap. */
const mostContacts = 5_000;

export interface ContactDelivery {
  readonly handle: string;
  readonly key: string;
  readonly traits: JsonObject;
  /** Fields to be emptied. */
  readonly cleared?: readonly string[];
}

interface Upload {
  readonly contact: Contact;
  /** Several when deliveries share a key: the vendor would refuse or ignore a double. */
  readonly handles: string[];
}

export async function putContacts(
  call: SendgridCall,
  deliveries: readonly ContactDelivery[],
  listId: string,
): Promise<DeliveryOutcome[]> {
  call.connection.lists.add(listId);
  const unfit: DeliveryOutcome[] = [];
  const uploads = await mapUploads(call, deliveries, unfit);
  const outcomes = await sendInParts<Upload>({
    items: uploads,
    most: mostContacts,
    send(part) {
      const emails = part.map(({ contact }) => contact.email);
      return noteLostAnswer(call, listId, emails, () => putPart(call, part, listId));
    },
    named: (upload, errors) => findNamed(upload.contact.email, errors),
  });
  const sent = [...outcomes].flatMap(([{ handles }, outcome]) =>
    handles.map((handle) => ({ handle, outcome })),
  );
  return [...unfit, ...sent];
}

async function mapUploads(
  call: SendgridCall,
  deliveries: readonly ContactDelivery[],
  unfit: DeliveryOutcome[],
): Promise<Upload[]> {
  const { directory, identifiers } = call.connection;
  const fields = await directory.fields(call.signal);
  const uploads = new Map<string, Upload>();
  for (const { handle, key, traits, cleared } of deliveries) {
    const mapped = mapContact(key, { ...identifiers.get(key), ...traits }, fields, cleared);
    if (mapped.kind === 'unknown-field') {
      directory.forget();
      unfit.push({ handle, outcome: missing(`custom field '${mapped.name}'`) });
      continue;
    }
    if (mapped.kind === 'unfit') {
      unfit.push({ handle, outcome: { kind: 'rejected', reason: mapped.reason } });
      continue;
    }
    const handles = [...(uploads.get(key)?.handles ?? []), handle];
    uploads.set(key, { contact: mapped.contact, handles });
  }
  return [...uploads.values()];
}

async function putPart(
  call: SendgridCall,
  part: readonly Upload[],
  listId: string,
): Promise<PartResult<Upload>> {
  const { connection, clock, signal } = call;
  const startedAt = clock.now();
  const answer = await connection.client.ask(
    {
      method: 'PUT',
      path: '/v3/marketing/contacts',
      body: {
        ...(listId === '' ? {} : { list_ids: [listId] }),
        contacts: part.map(({ contact }) => contact),
      },
    },
    signal,
  );
  if (!answer.taken) {
    if (isAboutList(answer)) return all(part, goneList(call, listId));
    return { kind: 'refused', refusal: answer };
  }
  const id = readId(answer, 'job_id');
  for (const { contact } of part) connection.adding.set(addingKey(listId, contact.email), id);
  const kind = listId === '' ? 'upsert' : 'add';
  const job = writeJob({ kind, listId, id, startedAt });
  const outcome: Outcome = { kind: 'accepted', job };
  return all(part, outcome);
}

/** No contact is to blame: halving would reject them all, one by one. */
function isAboutList({ status, errors }: Refusal): boolean {
  return status === 404 || errors.some(({ field }) => field?.startsWith('list_ids'));
}

function goneList({ connection }: SendgridCall, listId: string): Outcome {
  connection.directory.forget();
  return missing(`list ${listId}`);
}

function findNamed(email: string, errors: readonly VendorError[]): string | undefined {
  return errors.find(({ message }) => mentions(message, email))?.message;
}

/** As a whole word: `a@b.example` is not named by `aa@b.example`. */
export function mentions(text: string, email: string): boolean {
  const lower = text.toLowerCase();
  const at = lower.indexOf(email);
  if (at === -1) return false;
  const around = `${lower.charAt(at - 1)}${lower.charAt(at + email.length)}`;
  return !/[\w.+@-]{1}/.test(around.replace(/\.$/, '')) || mentions(lower.slice(at + 1), email);
}
