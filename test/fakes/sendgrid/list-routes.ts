// Lists, who is on them, and taking people off again.
import { contactLabel, type Account, type ContactList } from './account.ts';
import { deleteContacts, describeContact, idKeys, splitIds } from './contact-routes.ts';
import type { JobResults } from './jobs.ts';
import type { Route, VendorAnswer, VendorRequest } from './router.ts';
import { isText, requireRecord } from './shapes.ts';
import { badRequest, notFound } from './vendor-error.ts';

const marketing = 'marketing.read';
const longestName = 100;
const sampleSize = 50;

export const listRoutes: readonly Route[] = [
  { method: 'POST', path: '/v3/marketing/lists', scope: marketing, handle: create },
  { method: 'GET', path: '/v3/marketing/lists', scope: marketing, handle: page },
  { method: 'GET', path: '/v3/marketing/lists/{id}', scope: marketing, handle: read },
  { method: 'PATCH', path: '/v3/marketing/lists/{id}', scope: marketing, handle: rename },
  { method: 'DELETE', path: '/v3/marketing/lists/{id}', scope: marketing, handle: remove },
  {
    method: 'GET',
    path: '/v3/marketing/lists/{id}/contacts/count',
    scope: marketing,
    handle: count,
  },
  {
    method: 'DELETE',
    path: '/v3/marketing/lists/{id}/contacts',
    scope: marketing,
    keys: ({ params, query }, account) =>
      idKeys(account, splitIds(query.get('contact_ids')), 'remove', params['id']),
    handle: removeMembers,
  },
];

export function listMembers(account: Account, list: ContactList): string[] {
  return [...list.members.keys()].flatMap((id) => {
    const contact = account.contacts.get(id);
    return contact === undefined ? [] : [contactLabel(contact)];
  });
}

function requireList(account: Account, { params }: VendorRequest): ContactList {
  const list = account.lists.get(params['id'] ?? '');
  if (list === undefined) throw notFound('list not found', 'id');
  return list;
}

function requireName(account: Account, body: unknown): string {
  const { name } = requireRecord(body);
  if (!isText(name) || name.length > longestName) {
    throw badRequest(`name must have between 1 and ${longestName} characters`, 'name');
  }
  if ([...account.lists.values()].some((list) => list.name === name)) {
    throw badRequest(`a list with the name '${name}' already exists`, 'name');
  }
  return name;
}

function create({ body, baseUrl }: VendorRequest, account: Account): VendorAnswer {
  const list = addList(account, requireName(account, body));
  return { status: 201, body: describeList(list, baseUrl) };
}

export function addList(account: Account, name: string, id = account.newId()): ContactList {
  const list: ContactList = { id, name, members: new Map() };
  account.lists.set(id, list);
  return list;
}

function rename(request: VendorRequest, account: Account): VendorAnswer {
  const list = requireList(account, request);
  list.name = requireName(account, request.body);
  return { status: 200, body: describeList(list, request.baseUrl) };
}

/** A page token is the place of its first list among all, hidden in base64. */
function page({ query, baseUrl }: VendorRequest, account: Account): VendorAnswer {
  const size = Number(query.get('page_size') ?? 100);
  if (!Number.isInteger(size) || size < 1 || size > 1_000) {
    throw badRequest('page_size must be between 1 and 1000', 'page_size');
  }
  const start = readToken(query.get('page_token') ?? '');
  const all = [...account.lists.values()];
  const link = (from: number): string =>
    `${baseUrl}/v3/marketing/lists?page_size=${size}&page_token=${writeToken(from)}`;
  return {
    status: 200,
    body: {
      result: all.slice(start, start + size).map((list) => describeList(list, baseUrl)),
      _metadata: {
        ...(start > 0 ? { prev: link(Math.max(0, start - size)) } : {}),
        self: link(start),
        ...(start + size < all.length ? { next: link(start + size) } : {}),
        count: all.length,
      },
    },
  };
}

function readToken(token: string): number {
  const start = token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0)
    throw badRequest('page_token is invalid', 'page_token');
  return start;
}

function writeToken(start: number): string {
  return start === 0 ? '' : Buffer.from(String(start)).toString('base64url');
}

/** With `contact_sample`: up to 50 of the newest, as the prose of the specification says (its schema shows one). */
function read(request: VendorRequest, account: Account): VendorAnswer {
  const list = requireList(account, request);
  const body = describeList(list, request.baseUrl);
  if (request.query.get('contact_sample') !== 'true') return { status: 200, body };
  const newest = [...list.members.keys()].slice(-sampleSize).toReversed();
  const contacts = newest.flatMap((id) => account.contacts.get(id) ?? []);
  const sample = contacts.map((contact) => describeContact(contact, request.baseUrl));
  return { status: 200, body: { ...body, contact_sample: sample } };
}

function count(request: VendorRequest, account: Account): VendorAnswer {
  const size = requireList(account, request).members.size;
  return { status: 200, body: { contact_count: size, billable_count: size } };
}

function remove(request: VendorRequest, account: Account): VendorAnswer {
  const list = requireList(account, request);
  const members = [...list.members.keys()];
  account.lists.delete(list.id);
  for (const id of members) account.contacts.get(id)?.listIds.delete(list.id);
  if (request.query.get('delete_contacts') !== 'true') return { status: 204 };
  const job = account.jobs.add({
    type: 'delete',
    delay: account.delays.deletion,
    requested: members.length,
    pollable: false,
    run: () => deleteContacts(account, members),
  });
  return { status: 200, body: { job_id: job.id } };
}

function removeMembers(request: VendorRequest, account: Account): VendorAnswer {
  const list = requireList(account, request);
  const ids = splitIds(request.query.get('contact_ids'));
  if (ids.length === 0) throw badRequest('contact_ids is required', 'contact_ids');
  if (!ids.every((id) => account.contacts.has(id))) {
    throw notFound('one or more contact ids do not exist', 'contact_ids');
  }
  const job = account.jobs.add({
    type: 'delete',
    delay: account.delays.removal,
    requested: ids.length,
    pollable: false,
    run: () => takeOff(account, list, ids),
  });
  return { status: 202, body: { job_id: job.id } };
}

function takeOff(account: Account, list: ContactList, ids: readonly string[]): JobResults {
  let deleted = 0;
  for (const id of ids) {
    account.contacts.get(id)?.listIds.delete(list.id);
    if (list.members.delete(id)) deleted += 1;
  }
  return { requested: ids.length, deleted, errors: [] };
}

function describeList(list: ContactList, baseUrl: string): Record<string, unknown> {
  return {
    id: list.id,
    name: list.name,
    contact_count: list.members.size,
    _metadata: { self: `${baseUrl}/v3/marketing/lists/${list.id}` },
  };
}
