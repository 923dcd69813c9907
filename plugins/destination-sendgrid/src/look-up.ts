// From addresses to contacts: the ids that removals and deletions need, and the evidence of what a job
// has done.
import { isJsonObject, type JsonObject } from '@tributary/sdk';
import { unknownShape, type SendgridClient } from './client.ts';
import { chunk, type Refusal } from './send-in-parts.ts';

export const otherIdentifiers = ['phone_number_id', 'external_id', 'anonymous_id'] as const;
export type OtherIdentifiers = Partial<Record<(typeof otherIdentifiers)[number], string>>;

export interface FoundContact {
  readonly id: string;
  readonly listIds: readonly string[];
  /** Besides the e-mail. An update must name them all. */
  readonly identifiers: OtherIdentifiers;
  readonly updatedAt: number;
}

const mostEmails = 100;

/** By e-mail in lower case. */
export interface LookUp {
  /** Addresses without a contact are left out. */
  readonly found: ReadonlyMap<string, FoundContact>;
  /** Addresses that SendGrid does not look up at all: whether it has a contact is not known. */
  readonly refused: ReadonlyMap<string, Refusal>;
}

export async function lookUp(
  client: SendgridClient,
  emails: readonly string[],
  signal: AbortSignal,
): Promise<LookUp> {
  const found = new Map<string, FoundContact>();
  const refused = new Map<string, Refusal>();
  const waiting = chunk([...new Set(emails)], mostEmails);
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const path = '/v3/marketing/contacts/search/emails';
    const answer = await client.ask({ method: 'POST', path, body: { emails: part } }, signal);
    if (answer.taken) {
      for (const entry of readContacts(answer.body, answer.status)) found.set(...entry);
    } else if (answer.status !== 404) {
      // One refused address refuses the request: found by halving.
      if (part.length > 1) waiting.push(...chunk(part, Math.ceil(part.length / 2)));
      else for (const email of part) refused.set(email, answer);
    }
  }
  return { found, refused };
}

function readContacts(body: unknown, status: number): [string, FoundContact][] {
  const result = isJsonObject(body) ? body['result'] : undefined;
  if (!isJsonObject(result)) throw unknownShape(status, 'result');
  return Object.entries(result).flatMap(([email, entry]): [string, FoundContact][] => {
    const contact = isJsonObject(entry) ? entry['contact'] : undefined;
    const read = isJsonObject(contact) ? readContact(contact) : undefined;
    return read === undefined ? [] : [[email.toLowerCase(), read]];
  });
}

function readContact(contact: JsonObject): FoundContact | undefined {
  const { id, list_ids: listIds, updated_at: updatedAt } = contact;
  if (typeof id !== 'string') return undefined;
  const identifiers: OtherIdentifiers = {};
  for (const type of otherIdentifiers) {
    const value = contact[type];
    if (typeof value === 'string' && value !== '') identifiers[type] = value;
  }
  return {
    id,
    listIds: Array.isArray(listIds) ? listIds.filter((item) => typeof item === 'string') : [],
    identifiers,
    updatedAt: typeof updatedAt === 'string' ? Date.parse(updatedAt) : Number.NaN,
  };
}
