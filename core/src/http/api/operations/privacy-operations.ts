// Requests of people about their data.
import type { Asked } from '../../../privacy/privacy.ts';
import type { RequestRow, TaskRow } from '../../../privacy/requests.ts';
import { defineOperation, type ApiAnswer } from '../operation.ts';
import { identifierSchema, limit } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { pageOf, ref } from '../schemas.ts';
import { ambiguous, optionalTime, page, time } from '../wire.ts';
import type { Hub } from '../../hub-reads.ts';

const tag = 'Privacy';
const permission = 'privacy.manage';

const person = {
  identifiers: {
    type: 'array',
    items: identifierSchema,
    maxItems: 20,
    default: [],
    description: 'Any that are hers; what belongs to the same person is covered too.',
  },
  profileId: {
    type: 'string',
    format: 'uuid',
    description: 'Where it stands for one person only.',
  },
} as const;

const requestPath = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', format: 'uuid' } },
  additionalProperties: false,
} as const;

const asking = {
  answer: ref('PrivacyRequest'),
  problems: ['PERSON_UNKNOWN', 'PROFILE_AMBIGUOUS', 'INTAKE_BUSY'],
} as const;

export const erasePerson = defineOperation({
  ...asking,
  id: 'erasePerson',
  method: 'post',
  route: '/privacy-requests/erasures',
  tag,
  summary: 'Erase a person here and at every destination that ever got something of hers',
  description:
    'Durable when it is answered; from then on nothing more is sent to her, and a stale import does not bring her back. How far it is at each destination is told by the request.',
  permission,
  body: { type: 'object', properties: person, additionalProperties: false },
  command: {
    name: 'privacy erase',
    identifiers: ['identifiers'],
    print: {
      as: 'member',
      member: 'id',
      words: 'Request {id}, due {dueAt}. See `privacy status`.',
    },
    examples: ['tributary privacy erase < identifiers.txt'],
  },
  handle: async ({ hub, body, actor, now }) =>
    answerAsked(hub, await hub.privacy.erase(body, actor), now),
});

export const recordObjection = defineOperation({
  ...asking,
  id: 'recordObjection',
  method: 'post',
  route: '/privacy-requests/objections',
  tag,
  summary: 'Write down that a person objects to purposes: denied for all that is hers',
  permission,
  body: {
    type: 'object',
    required: ['purposes'],
    properties: {
      ...person,
      purposes: {
        type: 'array',
        items: { type: 'string', minLength: 1, maxLength: 100 },
        minItems: 1,
        maxItems: 50,
        description: 'What she says no to.',
      },
    },
    additionalProperties: false,
  },
  command: {
    name: 'privacy object',
    identifiers: ['identifiers'],
    print: { as: 'member', member: 'id', words: 'Denied for {identifiers} identifiers.' },
    examples: ['tributary privacy object --purposes email_marketing < identifiers.txt'],
  },
  handle: async ({ hub, body, actor, now }) =>
    answerAsked(hub, await hub.privacy.object(body, body.purposes, actor), now),
});

export const correctPerson = defineOperation({
  ...asking,
  id: 'correctPerson',
  method: 'post',
  route: '/privacy-requests/corrections',
  tag,
  summary: 'Correct what is known of a person, by hand',
  description:
    'The traits come from the source `hub`; a trait that prefers other sources stays theirs.',
  permission,
  body: {
    type: 'object',
    required: ['traits'],
    properties: {
      ...person,
      traits: {
        type: 'object',
        additionalProperties: true,
        description: 'What is right; null takes a trait away.',
      },
    },
    additionalProperties: false,
  },
  command: {
    name: 'privacy correct',
    identifiers: ['identifiers'],
    files: ['traits'],
    print: { as: 'member', member: 'id', words: 'Corrected; for good as request {id}.' },
    examples: ['tributary privacy correct --traits traits.yaml < identifiers.txt'],
  },
  handle: async ({ hub, body, actor, now }) =>
    answerAsked(hub, await hub.privacy.rectify(body, plain(body.traits), actor), now),
});

/** What came as JSON is JSON. */
function plain(value: unknown): Parameters<Hub['privacy']['rectify']>[1] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed from JSON
  return value as Parameters<Hub['privacy']['rectify']>[1];
}

async function answerAsked(hub: Hub, asked: Asked, now: number): Promise<ApiAnswer> {
  if (asked.kind === 'ambiguous') throw ambiguous(asked.candidates);
  if (asked.kind === 'unknown') throw unknownPerson();
  return readAnswer(hub, asked.id, now);
}

function unknownPerson(): ApiProblem {
  return new ApiProblem('PERSON_UNKNOWN', {
    detail:
      'Nothing of what was named can stand for a person. Name an identifier of a namespace of config.',
  });
}

async function readAnswer(hub: Hub, id: string, now: number): Promise<ApiAnswer> {
  const found = await hub.privacy.read(id);
  if (!found)
    throw new ApiProblem('PRIVACY_REQUEST_UNKNOWN', { detail: 'There is no such request.' });
  const destinations = found.tasks.map(taskView);
  return { body: { ...requestView(found.request, now), destinations } };
}

function requestView(request: RequestRow, now: number): object {
  const { id, kind, origin, actor, state, identifiers, receivedAt, dueAt, doneAt } = request;
  return {
    id,
    kind,
    origin,
    actor,
    state,
    identifiers,
    receivedAt: time(receivedAt),
    dueAt: time(dueAt),
    doneAt: optionalTime(doneAt ?? undefined),
    overdue: state !== 'done' && now > dueAt,
  };
}

function taskView({ instance, state, outcome, answeredAt, confirmedBy }: TaskRow): object {
  return {
    destination: instance,
    state,
    outcome: outcome ?? undefined,
    answeredAt: optionalTime(answeredAt ?? undefined),
    confirmedBy: confirmedBy ?? undefined,
  };
}

export const listPrivacyRequests = defineOperation({
  id: 'listPrivacyRequests',
  method: 'get',
  route: '/privacy-requests',
  tag,
  summary: 'Privacy requests, the newest first',
  permission,
  query: {
    type: 'object',
    properties: {
      state: { enum: ['working', 'done'] },
      kind: { enum: ['access', 'erase', 'object', 'rectify'] },
      limit,
      before: {
        type: 'string',
        pattern: '^\\d{1,15}\\.[0-9a-f-]{36}$',
        description: '`next` of the page before.',
      },
    },
    additionalProperties: false,
  },
  answer: pageOf('PrivacyRequest', { type: 'string' }),
  command: {
    name: 'privacy list',
    print: {
      as: 'table',
      columns: ['id', 'kind', 'state', 'receivedAt', 'dueAt', 'overdue', 'origin'],
    },
    examples: ['tributary privacy list', 'tributary privacy list --state working'],
  },
  problems: [],
  handle: async ({ hub, query, now }) => {
    const { state, kind, limit: most, before: cursor } = query;
    const [at, id] = cursor?.split('.') ?? [];
    const before =
      at === undefined || id === undefined ? undefined : { receivedAt: Number(at), id };
    const found = await hub.privacy.list({ state, kind, before, limit: most });
    const next = page(found, most, (last) => `${last.receivedAt}.${last.id}`);
    return { body: { items: found.map((request) => requestView(request, now)), ...next } };
  },
});

export const readPrivacyRequest = defineOperation({
  id: 'readPrivacyRequest',
  method: 'get',
  route: '/privacy-requests/{id}',
  tag,
  summary: 'How far a request is, with every destination’s answer',
  permission,
  path: requestPath,
  answer: ref('PrivacyRequest'),
  command: {
    name: 'privacy status',
    places: ['id'],
    examples: ['tributary privacy status 5f0c1e2d-0000-4000-8000-000000000000'],
  },
  problems: ['PRIVACY_REQUEST_UNKNOWN'],
  handle: ({ hub, path, now }) => readAnswer(hub, path.id, now),
});

export const confirmErasure = defineOperation({
  id: 'confirmErasure',
  method: 'post',
  route: '/privacy-requests/{id}/destinations/{instance}/confirm',
  tag,
  summary: 'Say that the person was erased at a destination by hand',
  description: 'For destinations in state `by_hand` or `refused`.',
  permission,
  path: {
    type: 'object',
    required: ['id', 'instance'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      instance: { type: 'string', minLength: 1, maxLength: 64 },
    },
    additionalProperties: false,
  },
  answer: ref('PrivacyRequest'),
  command: {
    name: 'privacy confirm',
    places: ['id', 'instance'],
    print: { as: 'words', words: 'Confirmed; the request is {state}.' },
    examples: ['tributary privacy confirm 5f0c1e2d-0000-4000-8000-000000000000 mail'],
  },
  problems: ['PRIVACY_REQUEST_UNKNOWN', 'NOT_BY_HAND'],
  handle: async ({ hub, path, actor, now }) => {
    // An unknown request is told as such.
    await readAnswer(hub, path.id, now);
    if (await hub.privacy.confirm(path.id, path.instance, actor)) {
      return readAnswer(hub, path.id, now);
    }
    throw new ApiProblem('NOT_BY_HAND', {
      detail: `Destination ${path.instance} does not wait for a person’s hand.`,
    });
  },
});

export const exportPerson = defineOperation({
  id: 'exportPerson',
  method: 'post',
  route: '/privacy-requests/export',
  tag,
  summary: 'Everything that is known of a person, as JSON or as a page to read and print',
  description: 'Made while it is read: nothing of it is kept. Counts as a request for access.',
  permission,
  body: {
    type: 'object',
    properties: { ...person, format: { enum: ['json', 'html'], default: 'json' } },
    additionalProperties: false,
  },
  answer: ref('PersonExport'),
  command: {
    name: 'privacy export',
    identifiers: ['identifiers'],
    print: { as: 'stream' },
    examples: [
      'tributary privacy export --format html < identifiers.txt > her-data.html',
      'tributary privacy export < identifiers.txt > her-data.json',
    ],
  },
  problems: ['PERSON_UNKNOWN', 'PROFILE_AMBIGUOUS', 'INTAKE_BUSY'],
  handle: async ({ hub, body, actor }) => {
    const found = await hub.privacy.access(body, body.format, actor);
    if (found.kind === 'ambiguous') throw ambiguous(found.candidates);
    if (found.kind === 'unknown') throw unknownPerson();
    const { document, profileIds } = found;
    return { body: undefined, stream: document, profiles: profileIds, personal: true };
  },
});
