// Looking contacts up by exact identifiers: the only way from an address to a contact id.
import { findContact, identifierTypes, type Account, type IdentifierType } from './account.ts';
import { describeContact } from './contact-routes.ts';
import type { JournalKey } from './journal.ts';
import type { Route, VendorAnswer, VendorRequest } from './router.ts';
import { isEmail, isRecord, isText, requireRecord, requireTexts } from './shapes.ts';
import { badRequest, notFound } from './vendor-error.ts';

const mostValues = 100;

export const searchRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v3/marketing/contacts/search/emails',
    scope: 'marketing.read',
    keys: ({ body }) => searchKeys(body, 'emails'),
    handle: ({ body, baseUrl }, account) =>
      search(account, 'email', requireTexts(requireRecord(body)['emails'], 'emails'), baseUrl),
  },
  {
    method: 'POST',
    path: '/v3/marketing/contacts/search/identifiers/{type}',
    scope: 'marketing.read',
    keys: ({ body }) => searchKeys(body, 'identifiers'),
    handle: searchIdentifiers,
  },
];

function searchKeys(body: unknown, field: string): JournalKey[] {
  const values = isRecord(body) ? body[field] : undefined;
  return Array.isArray(values)
    ? values.filter(isText).map((key) => ({ key, action: 'search' }))
    : [];
}

function searchIdentifiers(
  { params, body, baseUrl }: VendorRequest,
  account: Account,
): VendorAnswer {
  const type = identifierTypes.find((candidate) => candidate === params['type']);
  if (type === undefined) throw badRequest('identifier_type is not valid', 'identifier_type');
  const values = requireTexts(requireRecord(body)['identifiers'], 'identifiers');
  return search(account, type, values, baseUrl);
}

function search(
  account: Account,
  type: IdentifierType,
  values: readonly string[],
  baseUrl: string,
): VendorAnswer {
  const wanted = new Set(
    values.filter(isText).map((value) => (type === 'email' ? value.toLowerCase() : value)),
  );
  if (wanted.size === 0 || values.length > mostValues) {
    throw badRequest(`between 1 and ${mostValues} values are required`, type);
  }
  if (type === 'email') for (const email of wanted) requireEmail(email);
  const results = [...wanted].map((value) => {
    const contact = findContact(account, type, value);
    return contact === undefined
      ? ([value, { error: 'contact not found' }] as const)
      : ([value, { contact: describeContact(contact, baseUrl) }] as const);
  });
  if (!results.some(([, result]) => 'contact' in result)) throw notFound('no contacts found');
  return { status: 200, body: { result: Object.fromEntries(results) } };
}

function requireEmail(email: string): void {
  if (!isEmail(email)) throw badRequest(`email '${email}' is not valid`, 'emails');
}
