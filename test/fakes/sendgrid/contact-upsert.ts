// What a PUT of contacts does once its job runs: find the contact by any identifier, refuse what does
// not name all identifiers it has, then write the given fields and leave the others alone.
import {
  contactKeys,
  findContact,
  identifierTypes,
  indexContact,
  type Account,
  type Contact,
  type CustomField,
  type IdentifierType,
} from './account.ts';
import { textFields } from './contact-rules.ts';
import type { JobError, JobResults } from './jobs.ts';
import { isRecord, isText, type JsonRecord } from './shapes.ts';

type Identifiers = Partial<Record<IdentifierType, string>>;

export function upsertContacts(
  account: Account,
  contacts: readonly JsonRecord[],
  listIds: readonly string[],
): JobResults {
  const before = account.contacts.size;
  const errors: JobError[] = [];
  for (const input of contacts) {
    const problem = upsertContact(account, input, listIds);
    if (problem !== null) errors.push({ key: inputLabel(input), message: problem });
  }
  const created = account.contacts.size - before;
  const updated = contacts.length - errors.length - created;
  return { requested: contacts.length, created, updated, errors };
}

function upsertContact(
  account: Account,
  input: JsonRecord,
  listIds: readonly string[],
): string | null {
  const identifiers = readIdentifiers(input);
  const found = findByAny(account, identifiers);
  const problem =
    found.length > 1
      ? 'the identifiers belong to different contacts'
      : (identifierProblem(found[0], identifiers) ?? customFieldProblem(account, input));
  if (problem !== null) return problem;
  const contact = found[0] ?? createContact(account);
  writeContact(account, contact, input, identifiers);
  for (const listId of listIds) addToList(account, contact, listId);
  return null;
}

export function readIdentifiers(input: JsonRecord): Identifiers {
  const identifiers: Identifiers = {};
  for (const type of identifierTypes) {
    const value = input[type];
    if (isText(value)) identifiers[type] = type === 'email' ? value.toLowerCase() : value;
  }
  return identifiers;
}

export function inputLabel(input: JsonRecord): string {
  const identifiers = readIdentifiers(input);
  return identifierTypes.map((type) => identifiers[type]).find(isText) ?? '';
}

function findByAny(account: Account, identifiers: Identifiers): Contact[] {
  const found = new Set<Contact>();
  for (const type of identifierTypes) {
    const value = identifiers[type];
    const contact = value === undefined ? undefined : findContact(account, type, value);
    if (contact !== undefined) found.add(contact);
  }
  return [...found];
}

function identifierProblem(contact: Contact | undefined, given: Identifiers): string | null {
  if (contact === undefined) return null;
  const missing = identifierTypes.filter((type) => {
    const known = contact.identifiers[type];
    return known !== undefined && known !== given[type];
  });
  return missing.length === 0
    ? null
    : `all identifiers of the existing contact must be present: ${missing.join(', ')}`;
}

function customFieldProblem(account: Account, input: JsonRecord): string | null {
  const values = input['custom_fields'];
  if (!isRecord(values)) return null;
  for (const [id, value] of Object.entries(values)) {
    const field = account.fields.get(id);
    if (field === undefined) return `custom field ${id} does not exist`;
    if (!fits(field, value)) return `custom field ${id} must be a ${field.type}`;
  }
  return null;
}

function fits({ type }: CustomField, value: unknown): boolean {
  if (value === null) return true;
  switch (type) {
    case 'Text':
      return typeof value === 'string';
    case 'Number':
      return typeof value === 'number' || (isText(value) && Number.isFinite(Number(value)));
    case 'Date':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value));
  }
}

function createContact(account: Account): Contact {
  const now = account.clock.now();
  const contact: Contact = {
    id: account.newId(),
    identifiers: {},
    alternateEmails: [],
    fields: {},
    customFields: {},
    listIds: new Set(),
    createdAt: now,
    updatedAt: now,
  };
  account.contacts.set(contact.id, contact);
  return contact;
}

function writeContact(
  account: Account,
  contact: Contact,
  input: JsonRecord,
  identifiers: Identifiers,
): void {
  for (const key of contactKeys(contact)) account.contactByIdentifier.delete(key);
  Object.assign(contact.identifiers, identifiers);
  const alternates = input['alternate_emails'];
  if (Array.isArray(alternates)) {
    contact.alternateEmails = alternates.filter(isText).map((email) => email.toLowerCase());
  }
  for (const field of textFields) {
    const value = input[field];
    if (typeof value === 'string') contact.fields[field] = value;
  }
  writeCustomFields(contact, input['custom_fields']);
  contact.updatedAt = account.clock.now();
  indexContact(account, contact);
}

function writeCustomFields(contact: Contact, values: unknown): void {
  if (!isRecord(values)) return;
  for (const [id, value] of Object.entries(values)) {
    if (value === null) delete contact.customFields[id];
    else if (typeof value === 'string' || typeof value === 'number')
      contact.customFields[id] = value;
  }
}

function addToList(account: Account, contact: Contact, listId: string): void {
  const list = account.lists.get(listId);
  if (list === undefined) return;
  contact.listIds.add(listId);
  list.members.set(contact.id, account.clock.now());
}
