// SendGrid as the contract suite of the SDK wants its vendors: the fake's endpoints without a server,
// on a fresh account for every play.
import type {
  VendorAnswer,
  VendorDialect,
  VendorRequest,
  VendorScenario,
} from '@tributary/sdk/testing';
import {
  createAccount,
  identifierTypes,
  indexContact,
  type Account,
  type Contact,
} from './account.ts';
import { systemClock } from './clock.ts';
import { contactRoutes } from './contact-routes.ts';
import { erasureRoutes } from './erasure-routes.ts';
import { addField, fieldRoutes } from './field-routes.ts';
import { addList, listRoutes } from './list-routes.ts';
import { mailRoutes } from './mail-routes.ts';
import { createRouter } from './router.ts';
import { scopeRoutes } from './scope-routes.ts';
import { searchRoutes } from './search-routes.ts';
import { parseBody } from './transport.ts';
import { VendorError } from './vendor-error.ts';

export interface DialectSeed {
  readonly listId: string;
  /** Who is on the list, unless everything asked for has been so before. */
  readonly members: readonly string[];
}

/** What the key of a play may do. */
const everything = ['mail.send', 'marketing.read', 'recipients.erasejob.create'];

/** `reset` begins a play: call it wherever the suite asks for settings. */
export function createDialect(seed: DialectSeed): VendorDialect & { reset(): void } {
  const router = createRouter([
    ...contactRoutes,
    ...searchRoutes,
    ...listRoutes,
    ...fieldRoutes,
    ...erasureRoutes,
    ...mailRoutes,
    ...scopeRoutes({ apiKey: '', scopes: null }, everything),
  ]);
  let account: Account | null = null;

  const respond = (request: VendorRequest, scenario: VendorScenario): VendorAnswer => {
    account ??= createSeededAccount(seed, scenario);
    account.jobs.settleAll();
    const { pathname, searchParams, origin } = new URL(request.path, 'http://127.0.0.1');
    const match = router.find(request.method, pathname);
    if (typeof match === 'string') return { status: 404, json: { errors: [] } };
    const refusal = scenario.kind === 'refuse' ? refuse(account, request, scenario.key) : null;
    if (refusal !== null) return refusal;
    const body = parseBody(Buffer.from(request.body));
    const bytes = request.body.length;
    const context = { params: match.params, query: searchParams, body, bytes, baseUrl: origin };
    try {
      const { status, body: json, headers } = match.route.handle(context, account);
      return { status, ...(json === undefined ? {} : { json }), ...(headers ? { headers } : {}) };
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      return { status: error.status, json: { errors: error.errors } };
    }
  };

  return {
    respond,
    reset: () => void (account = null),
    rateLimited: (waitMs, now) => ({
      status: 429,
      headers: { 'X-RateLimit-Reset': String(Math.ceil((now + waitMs) / 1_000)) },
      json: { errors: [{ field: null, message: 'too many requests' }] },
    }),
  };
}

function createSeededAccount(seed: DialectSeed, scenario: VendorScenario): Account {
  let count = 0;
  const newId = (): string => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
  const delays = { upsert: 0, removal: 0, deletion: 0, erasure: 0 };
  const account = createAccount(systemClock, delays, newId);
  const list = addList(account, 'Winback', seed.listId);
  addField(account, 'tier', 'Text');
  if (scenario.kind === 'again') return account;
  for (const email of seed.members) {
    const contact = seedContact(account, email);
    contact.listIds.add(list.id);
    list.members.set(contact.id, 0);
  }
  return account;
}

function seedContact(account: Account, email: string): Contact {
  const contact: Contact = {
    id: account.newId(),
    identifiers: { email },
    alternateEmails: [],
    fields: {},
    customFields: {},
    listIds: new Set(),
    createdAt: 0,
    updatedAt: 0,
  };
  account.contacts.set(contact.id, contact);
  indexContact(account, contact);
  return contact;
}

/** Refuses what is about this person; the look-up that leads to a removal is none of it. */
function refuse(account: Account, { path, text }: VendorRequest, key: string): VendorAnswer | null {
  if (path.includes('/search/')) return null;
  const contact = [...account.contacts.values()].find(({ identifiers }) =>
    identifierTypes.some((type) => identifiers[type] === key),
  );
  const isNamed = text.includes(JSON.stringify(key));
  if (!isNamed && (contact === undefined || !path.includes(contact.id))) return null;
  return {
    status: 400,
    json: { errors: [{ field: null, message: `email '${key}' is not valid` }] },
  };
}
