// PUT, read and delete contacts, and the status of the jobs that do it.
import {
  contactLabel,
  deleteContact,
  identifierKey,
  identifierTypes,
  type Account,
  type Contact,
  type IdentifierType,
} from './account.ts';
import { isoTime } from './clock.ts';
import { checkContact, mostContactBytes, mostContacts } from './contact-rules.ts';
import { inputLabel, upsertContacts } from './contact-upsert.ts';
import type { JournalKey } from './journal.ts';
import { describeJob, type JobResults } from './jobs.ts';
import type { Route, VendorAnswer, VendorRequest } from './router.ts';
import { isRecord, isText, requireRecord, requireTexts } from './shapes.ts';
import { badRequest, notFound, VendorError } from './vendor-error.ts';

const marketing = 'marketing.read';

export const contactRoutes: readonly Route[] = [
  { method: 'PUT', path: '/v3/marketing/contacts', scope: marketing, keys: putKeys, handle: put },
  {
    method: 'DELETE',
    path: '/v3/marketing/contacts',
    scope: marketing,
    keys: ({ query }, account) => idKeys(account, splitIds(query.get('ids')), 'delete'),
    handle: remove,
  },
  { method: 'GET', path: '/v3/marketing/contacts', scope: marketing, handle: sample },
  { method: 'GET', path: '/v3/marketing/contacts/count', scope: marketing, handle: count },
  { method: 'GET', path: '/v3/marketing/contacts/imports/{id}', scope: marketing, handle: status },
  { method: 'GET', path: '/v3/marketing/contacts/{id}', scope: marketing, handle: read },
  {
    method: 'DELETE',
    path: '/v3/marketing/contacts/{id}/identifiers',
    scope: marketing,
    handle: dropIdentifier,
  },
];

function putKeys({ body }: VendorRequest): JournalKey[] {
  if (!isRecord(body) || !Array.isArray(body['contacts'])) return [];
  const lists = Array.isArray(body['list_ids']) ? body['list_ids'].filter(isText) : [];
  return body['contacts'].filter(isRecord).flatMap((contact): JournalKey[] => {
    const key = inputLabel(contact);
    return lists.length === 0
      ? [{ key, action: 'upsert' }]
      : lists.map((list) => ({ key, action: 'add', list }));
  });
}

/** Contact ids in a query, as the addresses they stand for at that moment. */
export function idKeys(
  account: Account,
  ids: readonly string[],
  action: JournalKey['action'],
  list?: string,
): JournalKey[] {
  return ids.map((id) => {
    const contact = account.contacts.get(id);
    const key = contact === undefined ? id : contactLabel(contact);
    return { key, action, ...(list === undefined ? {} : { list }) };
  });
}

export function splitIds(text: string | null): string[] {
  return (text ?? '').split(',').filter((id) => id !== '');
}

function put({ body, bytes }: VendorRequest, account: Account): VendorAnswer {
  const input = requireRecord(body);
  const contacts = input['contacts'];
  if (!Array.isArray(contacts) || contacts.length === 0) {
    throw badRequest('contacts must have at least 1 item', 'contacts');
  }
  if (contacts.length > mostContacts) {
    throw badRequest(`contacts must have at most ${mostContacts} items`, 'contacts');
  }
  if (bytes > mostContactBytes) throw badRequest('request is larger than 6MB', 'contacts');
  const checked = contacts.map((contact) => checkContact(contact));
  const listIds = requireLists(account, input['list_ids'] ?? []);
  const job = account.jobs.add({
    type: 'upsert',
    delay: account.delays.upsert,
    requested: checked.length,
    pollable: true,
    run: () => upsertContacts(account, checked, listIds),
  });
  return { status: 202, body: { job_id: job.id } };
}

function requireLists(account: Account, value: unknown): readonly string[] {
  const listIds = requireTexts(value, 'list_ids');
  const missing = listIds.find((id) => !account.lists.has(id));
  if (missing !== undefined) throw notFound(`list ${missing} not found`, 'list_ids');
  return listIds;
}

function remove({ query }: VendorRequest, account: Account): VendorAnswer {
  const all = query.get('delete_all_contacts') === 'true';
  const ids = splitIds(query.get('ids'));
  if (all === ids.length > 0) throw badRequest('set either ids or delete_all_contacts', 'ids');
  const wanted = all ? [...account.contacts.keys()] : ids;
  const job = account.jobs.add({
    type: 'delete',
    delay: account.delays.deletion,
    requested: wanted.length,
    pollable: true,
    run: () => deleteContacts(account, wanted),
  });
  return { status: 202, body: { job_id: job.id } };
}

export function deleteContacts(account: Account, ids: readonly string[]): JobResults {
  const found = ids.flatMap((id) => account.contacts.get(id) ?? []);
  for (const contact of found) deleteContact(account, contact);
  return { requested: ids.length, deleted: found.length, errors: [] };
}

function status({ params, baseUrl }: VendorRequest, account: Account): VendorAnswer {
  const job = account.jobs.find(params['id'] ?? '');
  if (job === undefined || !job.pollable) throw notFound('job not found', 'id');
  const body = describeJob(job, (id) => `${baseUrl}/job-errors/${id}.csv`);
  return { status: 200, body };
}

function sample({ baseUrl }: VendorRequest, account: Account): VendorAnswer {
  const newest = [...account.contacts.values()].slice(-50).toReversed();
  return {
    status: 200,
    body: {
      result: newest.map((contact) => describeContact(contact, baseUrl)),
      contact_count: account.contacts.size,
      _metadata: { self: `${baseUrl}/v3/marketing/contacts` },
    },
  };
}

function count(_request: VendorRequest, account: Account): VendorAnswer {
  const total = account.contacts.size;
  return { status: 200, body: { contact_count: total, billable_count: total } };
}

function read({ params, baseUrl }: VendorRequest, account: Account): VendorAnswer {
  const contact = account.contacts.get(params['id'] ?? '');
  if (contact === undefined) throw new VendorError(404, [{ field: 'id', message: 'not found' }]);
  return { status: 200, body: describeContact(contact, baseUrl) };
}

const identifierNames: Readonly<Record<string, IdentifierType>> = {
  EMAIL: 'email',
  PHONENUMBERID: 'phone_number_id',
  EXTERNALID: 'external_id',
  ANONYMOUSID: 'anonymous_id',
};

function dropIdentifier({ params, body }: VendorRequest, account: Account): VendorAnswer {
  const { identifier_type: name, identifier_value: value } = requireRecord(body);
  const type = isText(name) ? identifierNames[name] : undefined;
  if (type === undefined || !isText(value)) {
    throw badRequest('identifier_type is not valid', 'identifier_type');
  }
  const contact = account.contacts.get(params['id'] ?? '');
  if (contact === undefined) throw notFound('contact not found', 'contact_id');
  const job = account.jobs.add({
    type: 'delete',
    delay: account.delays.deletion,
    requested: 1,
    pollable: true,
    run: () => forgetIdentifier(account, contact, type, value),
  });
  return { status: 202, body: { job_id: job.id } };
}

function forgetIdentifier(
  account: Account,
  contact: Contact,
  type: IdentifierType,
  value: string,
): JobResults {
  const last = Object.keys(contact.identifiers).length === 1;
  if (last || contact.identifiers[type] !== value) {
    const message = last ? 'a contact must keep one identifier' : 'identifier not found';
    return { requested: 1, deleted: 0, errors: [{ key: value, message }] };
  }
  account.contactByIdentifier.delete(identifierKey(type, value));
  delete contact.identifiers[type];
  return { requested: 1, deleted: 1, errors: [] };
}

/** A contact in full, with the empty strings that the vendor sends for what is not set. */
export function describeContact(contact: Contact, baseUrl: string): Record<string, unknown> {
  const text = (field: string): string => contact.fields[field] ?? '';
  return {
    id: contact.id,
    ...Object.fromEntries(identifierTypes.map((type) => [type, contact.identifiers[type] ?? ''])),
    alternate_emails: contact.alternateEmails,
    first_name: text('first_name'),
    last_name: text('last_name'),
    address_line_1: text('address_line_1'),
    address_line_2: text('address_line_2'),
    city: text('city'),
    state_province_region: text('state_province_region'),
    country: text('country'),
    postal_code: text('postal_code'),
    phone_number: '',
    whatsapp: '',
    line: '',
    facebook: '',
    unique_name: '',
    list_ids: [...contact.listIds],
    segment_ids: [],
    custom_fields: contact.customFields,
    created_at: isoTime(contact.createdAt),
    updated_at: isoTime(contact.updatedAt),
    _metadata: { self: `${baseUrl}/v3/marketing/contacts/${contact.id}` },
  };
}
