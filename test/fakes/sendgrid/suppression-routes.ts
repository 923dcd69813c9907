// Who must not be written to: unsubscribe groups, the global list, and what mail servers reported.
import {
  suppressionKinds,
  type Account,
  type Suppression,
  type SuppressionGroup,
  type SuppressionKind,
} from './account.ts';
import { unixTime } from './clock.ts';
import type { JournalKey } from './journal.ts';
import type { Route, VendorAnswer, VendorRequest } from './router.ts';
import { isRecord, isText, requireRecord, requireTexts } from './shapes.ts';
import { badRequest, notFound } from './vendor-error.ts';

export const suppressionRoutes: readonly Route[] = [
  { method: 'POST', path: '/v3/asm/groups', scope: 'asm.groups.create', handle: createGroup },
  { method: 'GET', path: '/v3/asm/groups', scope: 'asm.groups.read', handle: listGroups },
  { method: 'GET', path: '/v3/asm/groups/{id}', scope: 'asm.groups.read', handle: readGroup },
  {
    method: 'POST',
    path: '/v3/asm/groups/{id}/suppressions',
    scope: 'asm.groups.suppressions.create',
    keys: suppressKeys,
    handle: suppressInGroup,
  },
  {
    method: 'GET',
    path: '/v3/asm/groups/{id}/suppressions',
    scope: 'asm.groups.suppressions.read',
    handle: (request, account) => ({
      status: 200,
      body: [...requireGroup(account, request).suppressed.keys()],
    }),
  },
  {
    method: 'DELETE',
    path: '/v3/asm/groups/{id}/suppressions/{email}',
    scope: 'asm.groups.suppressions.delete',
    handle: liftInGroup,
  },
  { method: 'GET', path: '/v3/asm/suppressions', scope: 'asm.groups.read', handle: listAll },
  {
    method: 'GET',
    path: '/v3/asm/suppressions/{email}',
    scope: 'asm.groups.read',
    handle: groupsOf,
  },
  {
    method: 'POST',
    path: '/v3/asm/suppressions/global',
    scope: 'asm.suppressions.global.create',
    keys: suppressKeys,
    handle: suppressEverywhere,
  },
  {
    method: 'GET',
    path: '/v3/asm/suppressions/global/{email}',
    scope: 'asm.suppressions.global.read',
    handle: ({ params }, account) => {
      const email = (params['email'] ?? '').toLowerCase();
      const found = account.suppressions.unsubscribes.has(email);
      return { status: 200, body: found ? { recipient_email: email } : {} };
    },
  },
  {
    method: 'DELETE',
    path: '/v3/asm/suppressions/global/{email}',
    scope: 'asm.suppressions.global.delete',
    handle: (request, account) => lift(request, account, 'unsubscribes'),
  },
  ...suppressionKinds.flatMap(kindRoutes),
];

function kindRoutes(kind: SuppressionKind): Route[] {
  const path = `/v3/suppression/${kind}`;
  const scope = kind === 'unsubscribes' ? 'suppression.read' : `suppression.${kind}.read`;
  const list: Route = {
    method: 'GET',
    path,
    scope,
    handle: (request, account) => listKind(request, account, kind),
  };
  if (kind === 'unsubscribes') return [list];
  return [
    list,
    {
      method: 'GET',
      path: `${path}/{email}`,
      scope,
      handle: ({ params }, account) => {
        const found = account.suppressions[kind].get((params['email'] ?? '').toLowerCase());
        return { status: 200, body: found === undefined ? [] : [describeSuppression(found)] };
      },
    },
    {
      method: 'DELETE',
      path: `${path}/{email}`,
      scope: `suppression.${kind}.delete`,
      handle: (request, account) => lift(request, account, kind),
    },
  ];
}

function suppressKeys({ body }: VendorRequest): JournalKey[] {
  const emails = isRecord(body) ? body['recipient_emails'] : undefined;
  return Array.isArray(emails)
    ? emails.filter(isText).map((key) => ({ key: key.toLowerCase(), action: 'suppress' }))
    : [];
}

function createGroup({ body }: VendorRequest, account: Account): VendorAnswer {
  const { name, description, is_default: isDefault } = requireRecord(body);
  if (!isText(name) || name.length > 30) {
    throw badRequest('name must have between 1 and 30 characters', 'name');
  }
  if (!isText(description) || description.length > 100) {
    throw badRequest('description must have between 1 and 100 characters', 'description');
  }
  const group = addGroup(account, name, description, isDefault === true);
  return { status: 201, body: describeGroup(group) };
}

export function addGroup(
  account: Account,
  name: string,
  description: string,
  isDefault = false,
): SuppressionGroup {
  const id = 100 + account.groups.size + 1;
  const group = { id, name, description, isDefault, suppressed: new Map<string, number>() };
  account.groups.set(id, group);
  return group;
}

function listGroups({ query }: VendorRequest, account: Account): VendorAnswer {
  const wanted = query.getAll('id').map(Number);
  const groups = [...account.groups.values()].filter(
    ({ id }) => wanted.length === 0 || wanted.includes(id),
  );
  return { status: 200, body: groups.map(describeGroupWithCount) };
}

function readGroup(request: VendorRequest, account: Account): VendorAnswer {
  return { status: 200, body: describeGroupWithCount(requireGroup(account, request)) };
}

function requireGroup(account: Account, { params }: VendorRequest): SuppressionGroup {
  const group = account.groups.get(Number(params['id']));
  if (group === undefined) throw notFound('group not found', 'group_id');
  return group;
}

/** To a group that does not exist: the global list takes it, as the specification says. */
function suppressInGroup(request: VendorRequest, account: Account): VendorAnswer {
  const group = account.groups.get(Number(request.params['id']));
  if (group === undefined) return suppressEverywhere(request, account);
  const emails = requireEmails(request);
  for (const email of emails) group.suppressed.set(email, account.clock.now());
  return { status: 201, body: { recipient_emails: emails } };
}

function suppressEverywhere(request: VendorRequest, account: Account): VendorAnswer {
  const emails = requireEmails(request);
  for (const email of emails) addSuppression(account, 'unsubscribes', { email });
  return { status: 201, body: { recipient_emails: emails } };
}

function requireEmails({ body }: VendorRequest): string[] {
  const emails = requireTexts(requireRecord(body)['recipient_emails'], 'recipient_emails');
  return emails.map((email) => email.toLowerCase());
}

export function addSuppression(
  account: Account,
  kind: SuppressionKind,
  suppression: Omit<Suppression, 'createdAt'>,
): void {
  const email = suppression.email.toLowerCase();
  const createdAt = account.clock.now();
  account.suppressions[kind].set(email, { ...suppression, email, createdAt });
}

function liftInGroup(request: VendorRequest, account: Account): VendorAnswer {
  const group = requireGroup(account, request);
  group.suppressed.delete((request.params['email'] ?? '').toLowerCase());
  return { status: 204 };
}

function lift({ params }: VendorRequest, account: Account, kind: SuppressionKind): VendorAnswer {
  const found = account.suppressions[kind].delete((params['email'] ?? '').toLowerCase());
  if (!found) throw notFound('address not found', 'email');
  return { status: 204 };
}

function listAll(_request: VendorRequest, account: Account): VendorAnswer {
  const rows = [...account.groups.values()].flatMap((group) =>
    [...group.suppressed].map(([email, at]) => ({
      email,
      group_id: group.id,
      group_name: group.name,
      created_at: unixTime(at),
    })),
  );
  return { status: 200, body: rows };
}

function groupsOf({ params }: VendorRequest, account: Account): VendorAnswer {
  const email = (params['email'] ?? '').toLowerCase();
  const suppressions = [...account.groups.values()].map((group) => ({
    ...describeGroup(group),
    suppressed: group.suppressed.has(email),
  }));
  return { status: 200, body: { suppressions } };
}

function listKind({ query }: VendorRequest, account: Account, kind: SuppressionKind): VendorAnswer {
  const number = (name: string, otherwise: number): number => {
    const value = Number(query.get(name) ?? otherwise);
    if (!Number.isFinite(value) || value < 0) throw badRequest(`${name} is not valid`, name);
    return value;
  };
  const [start, end] = [number('start_time', 0), number('end_time', Number.MAX_SAFE_INTEGER)];
  const [limit, offset] = [number('limit', 500), number('offset', 0)];
  if (limit < 1 || limit > 500) throw badRequest('limit must be between 1 and 500', 'limit');
  const rows = [...account.suppressions[kind].values()]
    .map(describeSuppression)
    .filter(({ created }) => created >= start && created <= end)
    .toSorted((a, b) => b.created - a.created);
  return { status: 200, body: rows.slice(offset, offset + limit) };
}

function describeSuppression({ createdAt, ...rest }: Suppression): { readonly created: number } {
  return { created: unixTime(createdAt), ...rest };
}

function describeGroup(group: SuppressionGroup): Record<string, unknown> {
  const { id, name, description, isDefault } = group;
  return { id, name, description, is_default: isDefault };
}

function describeGroupWithCount(group: SuppressionGroup): Record<string, unknown> {
  return { ...describeGroup(group), unsubscribes: group.suppressed.size };
}
