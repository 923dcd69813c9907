// Where a person can be reached, and which of her addresses speaks for her.
import type { ProfileSettings } from '../../profile/settings.ts';
import type { Queryable } from '../../store/store.ts';
import { selectContacts, selectTrust } from './plans.ts';

export interface ContactIdentifier {
  readonly id: number;
  readonly hash: string;
  readonly namespace: string;
  readonly value: string;
}

export type Contact = ContactIdentifier & { readonly profileId: string; readonly at: number };

export interface ContactRules {
  /** What the destination can address, the preferred first. */
  readonly namespaces: readonly string[];
  readonly contactPoints: 'primary' | 'all';
  readonly primary: ProfileSettings['primary'];
}

/** The contact points of these profiles that config lets go out. */
export async function loadContacts(
  queryable: Queryable,
  profileIds: readonly string[],
  rules: ContactRules,
): Promise<Contact[]> {
  if (profileIds.length === 0) return [];
  const all = await queryable.query<Contact>(selectContacts, [profileIds, rules.namespaces]);
  if (rules.contactPoints === 'all') return all;
  const trust = await loadTrust(queryable, all, rules);
  const byProfile = Map.groupBy(all, (contact) => contact.profileId);
  return [...byProfile.values()].flatMap((contacts) => choosePrimary(contacts, rules, trust) ?? []);
}

async function loadTrust(
  queryable: Queryable,
  contacts: readonly Contact[],
  rules: ContactRules,
): Promise<ReadonlyMap<number, number>> {
  const asked = contacts.filter((contact) => policyOf(contact, rules) === 'most_trusted');
  if (asked.length === 0) return new Map();
  const ids = asked.map((contact) => contact.id);
  const rows = await queryable.query<{ id: number; trust: number }>(selectTrust, [ids]);
  return new Map(rows.map((row) => [row.id, row.trust]));
}

/** The best of the first namespace that the person has anything of. Never decided by arrival. */
export function choosePrimary(
  contacts: readonly Contact[],
  rules: ContactRules,
  trust: ReadonlyMap<number, number>,
): Contact | undefined {
  const preferred = rules.namespaces.find((name) =>
    contacts.some((contact) => contact.namespace === name),
  );
  return contacts
    .filter((contact) => contact.namespace === preferred)
    .toSorted((a, b) => compare(a, b, rules, trust))[0];
}

function compare(
  a: Contact,
  b: Contact,
  rules: ContactRules,
  trust: ReadonlyMap<number, number>,
): number {
  const policy = policyOf(a, rules);
  const byTrust = policy === 'most_trusted' ? (trust.get(a.id) ?? 9) - (trust.get(b.id) ?? 9) : 0;
  if (byTrust !== 0) return byTrust;
  const byTime = policy === 'oldest' ? a.at - b.at : b.at - a.at;
  if (byTime !== 0) return byTime;
  return a.value < b.value ? -1 : 1;
}

function policyOf(contact: Contact, rules: ContactRules): 'latest' | 'oldest' | 'most_trusted' {
  return rules.primary.get(contact.namespace) ?? 'latest';
}
