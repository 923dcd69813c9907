// Looking people up, and everything that is known of one.
import type { Identifier } from '@tributary/sdk';
import { defineOperation, type ApiAnswer } from '../operation.ts';
import { identifierSchema, limit, limitQuery, profilePath } from '../parameters.ts';
import { listOf, pageOf, ref } from '../schemas.ts';
import { ambiguous, findProfile, optionalTime, page, time, unknownProfile } from '../wire.ts';
import type { Hub, ProfileLookup } from '../../hub-reads.ts';

const tag = 'Profiles';
const permission = 'people.read';
const problems = ['PROFILE_UNKNOWN', 'PROFILE_AMBIGUOUS'] as const;

export const findProfileByIdentifier = defineOperation({
  id: 'findProfile',
  method: 'get',
  route: '/profiles',
  tag,
  summary: 'Whose identifier is this?',
  description:
    'An identifier in a URL may end up in the logs of what lies between; `POST /profiles/lookup` asks the same in the body.',
  permission,
  query: identifierSchema,
  answer: ref('Lookup'),
  command: {
    none: '`profile find` asks the same in the body, so that no URL holds an identifier.',
  },
  problems,
  handle: async ({ hub, query }) => answerLookup(await hub.profiles.findByIdentifier(query)),
});

export const lookUpProfile = defineOperation({
  id: 'lookUpProfile',
  method: 'post',
  route: '/profiles/lookup',
  tag,
  summary: 'Whose identifier is this? Asked in the body, so that no URL holds it',
  permission,
  body: identifierSchema,
  answer: ref('Lookup'),
  command: {
    name: 'profile find',
    identifiers: 'body',
    examples: ['tributary profile find < identifier.txt'],
  },
  problems,
  handle: async ({ hub, body }) => answerLookup(await hub.profiles.findByIdentifier(body)),
});

function answerLookup(found: ProfileLookup): ApiAnswer {
  switch (found.kind) {
    case 'found': {
      const { profileId, since } = found;
      const body = { kind: 'profile', profileId, ownerSince: optionalTime(since) };
      return { body, profiles: [profileId] };
    }
    case 'contact':
      return { body: { kind: 'contact_point', holders: found.holders }, profiles: found.holders };
    case 'ambiguous':
      throw ambiguous(found.candidates);
    case 'unknown':
      throw unknownProfile();
  }
}

export const readProfile = defineOperation({
  id: 'readProfile',
  method: 'get',
  route: '/profiles/{id}',
  tag,
  summary: 'A profile: its traits with where they come from, and its computed traits',
  permission,
  path: profilePath,
  answer: ref('Profile'),
  command: {
    name: 'profile show',
    person: 'id',
    examples: [
      'tributary profile show < identifier.txt',
      'tributary profile show --profile 5f0c1e2d-0000-4000-8000-000000000000',
    ],
  },
  problems,
  handle: async ({ hub, path, now }) => {
    const id = await findProfile(hub, path.id);
    const profile = await hub.profiles.read(id, now);
    if (!profile) throw unknownProfile();
    const traits = Object.entries(profile.traits).map(
      ([name, { value, source, at, record }]) =>
        [name, { value, source, at: time(at), record }] as const,
    );
    const body = { id, traits: Object.fromEntries(traits), computed: profile.computed };
    return { body, profiles: [id] };
  },
});

export const listIdentifiers = defineOperation({
  id: 'listIdentifiers',
  method: 'get',
  route: '/profiles/{id}/identifiers',
  tag,
  summary: 'The identifiers that make up a profile',
  permission,
  path: profilePath,
  query: limitQuery,
  answer: listOf('ProfileIdentifier'),
  command: {
    name: 'profile identifiers',
    person: 'id',
    examples: ['tributary profile identifiers < identifier.txt'],
  },
  problems,
  handle: ({ hub, path, query }) =>
    listOfProfile(hub, path.id, async (id) => {
      const found = await hub.profiles.identifiers(id, query.limit);
      return found.map(({ namespace, value, kind, firstAt, lastAt }) => ({
        namespace,
        value,
        kind,
        firstAt: time(firstAt),
        lastAt: time(lastAt),
      }));
    }),
});

export const listEvidence = defineOperation({
  id: 'listEvidence',
  method: 'get',
  route: '/profiles/{id}/evidence',
  tag,
  summary: 'Why its identifiers are one person, and which pairs were rejected',
  permission,
  path: profilePath,
  query: limitQuery,
  answer: listOf('Evidence'),
  command: {
    name: 'profile evidence',
    person: 'id',
    examples: ['tributary profile evidence < identifier.txt'],
  },
  problems,
  handle: ({ hub, path, query }) =>
    listOfProfile(hub, path.id, async (id) => {
      const found = await hub.profiles.evidence(id, query.limit);
      return found.map((item) => ({
        left: identifierOf(item.left),
        right: identifierOf(item.right),
        trust: item.trust,
        probability: item.probability,
        source: item.source,
        at: time(item.at),
        record: item.record,
        accepted: item.rejectedBy === undefined,
        rejectedBy: item.rejectedBy,
      }));
    }),
});

export const listEvents = defineOperation({
  id: 'listEvents',
  method: 'get',
  route: '/profiles/{id}/events',
  tag,
  summary: 'What the person did, newest first',
  permission,
  path: profilePath,
  query: {
    type: 'object',
    properties: {
      limit,
      before: {
        type: 'string',
        pattern: '^-?\\d{1,15}\\.\\d{1,15}$',
        description: '`next` of the page before.',
      },
    },
    additionalProperties: false,
  },
  answer: pageOf('Event', { type: 'string' }),
  command: {
    name: 'profile events',
    person: 'id',
    print: { as: 'table', columns: ['number', 'at', 'type', 'name', 'source', 'properties'] },
    examples: ['tributary profile events --limit 20 < identifier.txt'],
  },
  problems,
  handle: async ({ hub, path, query }) => {
    const id = await findProfile(hub, path.id);
    const [at, number] = (query.before ?? '').split('.').map(Number);
    const before = at === undefined || number === undefined ? undefined : { at, number };
    const found = await hub.profiles.events(id, before, query.limit);
    const items = found.map(({ type, name, at: moment, number: place, source, properties }) => ({
      type,
      name,
      at: time(moment),
      number: place,
      source,
      properties,
    }));
    const next = page(found, query.limit, (last) => `${last.at}.${last.number}`);
    return { body: { items, ...next }, profiles: [id] };
  },
});

export const listProfileAudiences = defineOperation({
  id: 'listProfileAudiences',
  method: 'get',
  route: '/profiles/{id}/audiences',
  tag,
  summary: 'The audiences that the profile is in now',
  permission,
  path: profilePath,
  answer: listOf('Membership'),
  command: {
    name: 'profile audiences',
    person: 'id',
    examples: ['tributary profile audiences < identifier.txt'],
  },
  problems,
  handle: ({ hub, path, now }) =>
    listOfProfile(hub, path.id, async (id) => {
      const found = await hub.profiles.audiences(id, now);
      return found.map(({ audience, since, cause }) => ({
        audience,
        since: optionalTime(since),
        cause,
      }));
    }),
});

export const listProfileDeliveries = defineOperation({
  id: 'listProfileDeliveries',
  method: 'get',
  route: '/profiles/{id}/deliveries',
  tag,
  summary: 'What was sent of the profile, or not, and why',
  permission,
  path: profilePath,
  query: limitQuery,
  answer: listOf('ProfileDelivery'),
  command: {
    name: 'profile deliveries',
    person: 'id',
    examples: ['tributary profile deliveries < identifier.txt'],
  },
  problems,
  handle: ({ hub, path, query }) =>
    listOfProfile(hub, path.id, async (id) => {
      const found = await hub.profiles.deliveries(id, query.limit);
      return found.map(({ instance, kind, list, status, presence, reason, at }) => ({
        instance,
        kind,
        list,
        status,
        presence,
        reason,
        at: time(at),
      }));
    }),
});

/** What a room knows besides stays in the hub. */
function identifierOf({ namespace, value }: Identifier): Identifier {
  return { namespace, value };
}

async function listOfProfile(
  hub: Hub,
  given: string,
  read: (id: string) => Promise<readonly object[]>,
): Promise<ApiAnswer> {
  const id = await findProfile(hub, given);
  return { body: { items: await read(id) }, profiles: [id] };
}
