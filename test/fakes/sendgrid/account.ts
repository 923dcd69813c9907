// What the vendor keeps for one customer: contacts, lists, fields, suppressions, sent mail, jobs.
// The handlers change it; tests and the overview page read it.
import type { FakeClock } from './clock.ts';
import { createJobs, type Jobs } from './jobs.ts';

export const identifierTypes = ['email', 'phone_number_id', 'external_id', 'anonymous_id'] as const;
export type IdentifierType = (typeof identifierTypes)[number];

export interface Contact {
  readonly id: string;
  readonly identifiers: Partial<Record<IdentifierType, string>>;
  alternateEmails: readonly string[];
  readonly fields: Record<string, string>;
  readonly customFields: Record<string, string | number>;
  readonly listIds: Set<string>;
  readonly createdAt: number;
  updatedAt: number;
}
export interface ContactList {
  readonly id: string;
  name: string;
  /** Contact id → when it was put on the list; the newest last. */
  readonly members: Map<string, number>;
}
export type FieldType = 'Text' | 'Number' | 'Date';
export interface CustomField {
  readonly id: string;
  readonly name: string;
  readonly type: FieldType;
}
export interface SuppressionGroup {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly isDefault: boolean;
  /** E-mail → when it was suppressed. */
  readonly suppressed: Map<string, number>;
}
export const suppressionKinds = [
  'unsubscribes',
  'bounces',
  'blocks',
  'spam_reports',
  'invalid_emails',
] as const;
export type SuppressionKind = (typeof suppressionKinds)[number];
export interface Suppression {
  readonly email: string;
  readonly createdAt: number;
  readonly reason?: string;
  readonly status?: string;
  readonly ip?: string;
}
export interface SentMail {
  readonly messageId: string;
  readonly to: string;
  readonly templateId: string | null;
  readonly subject: string | null;
  readonly data: unknown;
  readonly customArgs: Readonly<Record<string, unknown>>;
  readonly groupId: number | null;
  readonly sandbox: boolean;
  /** Why the vendor will not hand it on, e.g. the address has unsubscribed. */
  readonly dropped: string | null;
  readonly at: number;
}

export interface FakeDelays {
  /** Between the answer to a PUT of contacts and its effect. Default 50 ms. */
  readonly upsert: number;
  /** Between the answer to a removal from a list and its effect. Default 50 ms. */
  readonly removal: number;
  /** Between the answer to a deletion of contacts and its effect. Default 50 ms. */
  readonly deletion: number;
  /** Between the answer to an erase job and its effect. Default 50 ms. */
  readonly erasure: number;
}
export const defaultDelays: FakeDelays = { upsert: 50, removal: 50, deletion: 50, erasure: 50 };

export interface Account {
  readonly clock: FakeClock;
  readonly delays: FakeDelays;
  readonly newId: () => string;
  readonly jobs: Jobs;
  readonly contacts: Map<string, Contact>;
  /** `type NUL value` → contact id; alternate addresses count as e-mail. */
  readonly contactByIdentifier: Map<string, string>;
  readonly lists: Map<string, ContactList>;
  readonly fields: Map<string, CustomField>;
  readonly groups: Map<number, SuppressionGroup>;
  readonly suppressions: Record<SuppressionKind, Map<string, Suppression>>;
  readonly mails: SentMail[];
  /** Addresses whose data an erase job has removed, in order. */
  readonly erased: string[];
}

export function createAccount(clock: FakeClock, delays: FakeDelays, newId: () => string): Account {
  return {
    clock,
    delays,
    newId,
    jobs: createJobs(clock, newId),
    contacts: new Map(),
    contactByIdentifier: new Map(),
    lists: new Map(),
    fields: new Map(),
    groups: new Map(),
    suppressions: {
      unsubscribes: new Map(),
      bounces: new Map(),
      blocks: new Map(),
      spam_reports: new Map(),
      invalid_emails: new Map(),
    },
    mails: [],
    erased: [],
  };
}

export function identifierKey(type: IdentifierType, value: string): string {
  return `${type}\0${value}`;
}

export function findContact(
  account: Account,
  type: IdentifierType,
  value: string,
): Contact | undefined {
  const wanted = type === 'email' ? value.toLowerCase() : value;
  const id = account.contactByIdentifier.get(identifierKey(type, wanted));
  return id === undefined ? undefined : account.contacts.get(id);
}

/** What a person reading a list would call the contact. */
export function contactLabel({ id, identifiers }: Contact): string {
  const type = identifierTypes.find((candidate) => identifiers[candidate] !== undefined);
  return (type && identifiers[type]) ?? id;
}

export function indexContact(account: Account, contact: Contact): void {
  for (const key of contactKeys(contact)) account.contactByIdentifier.set(key, contact.id);
}

export function deleteContact(account: Account, contact: Contact): void {
  for (const key of contactKeys(contact)) account.contactByIdentifier.delete(key);
  for (const listId of contact.listIds) account.lists.get(listId)?.members.delete(contact.id);
  account.contacts.delete(contact.id);
}

export function contactKeys({ identifiers, alternateEmails }: Contact): string[] {
  const own = identifierTypes.flatMap((type) => {
    const value = identifiers[type];
    return value === undefined ? [] : [identifierKey(type, value)];
  });
  return [...own, ...alternateEmails.map((email) => identifierKey('email', email))];
}
