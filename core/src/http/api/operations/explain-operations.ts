// Why: a trait, a membership, a merge, a delivery or its absence.
import type { Hub } from '../../hub-reads.ts';
import { defineOperation } from '../operation.ts';
import { identifierMembers, identifierSchema } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { ref } from '../schemas.ts';
import { ambiguous, findProfile, optionalTime, unknownProfile } from '../wire.ts';
import { checkAudience } from './audience-operations.ts';
import { checkDestination } from './find-destination.ts';

const tag = 'Explanations';
const permission = 'people.read';
const problems = ['PROFILE_UNKNOWN', 'PROFILE_AMBIGUOUS', 'CONTACT_POINT_SHARED'] as const;

/** Whom it is about: by any id that was handed out, or by any identifier. */
const person = {
  profile: { type: 'string', format: 'uuid', description: 'Any id that was ever handed out.' },
  namespace: { ...identifierMembers.namespace, description: 'With `value`, instead of `profile`.' },
  value: identifierMembers.value,
} as const;

interface PersonQuery {
  readonly profile?: string | undefined;
  readonly namespace?: string | undefined;
  readonly value?: string | undefined;
}

/** Throws PROFILE_UNKNOWN, PROFILE_AMBIGUOUS, CONTACT_POINT_SHARED, REQUEST_INVALID. */
async function findPerson(hub: Hub, { profile, namespace, value }: PersonQuery): Promise<string> {
  if (profile !== undefined) return findProfile(hub, profile);
  if (namespace === undefined || value === undefined) {
    const detail = 'Found neither `profile` nor `namespace` and `value`. Say whom it is about.';
    throw new ApiProblem('REQUEST_INVALID', { detail });
  }
  const found = await hub.profiles.findByIdentifier({ namespace, value });
  switch (found.kind) {
    case 'found':
      return found.profileId;
    case 'ambiguous':
      throw ambiguous(found.candidates);
    case 'contact':
      throw new ApiProblem('CONTACT_POINT_SHARED', {
        detail: `${found.holders.length} profiles hold it. Choose one of the candidates.`,
        members: { candidates: found.holders },
      });
    case 'unknown':
      throw unknownProfile();
  }
}

export const explainTrait = defineOperation({
  id: 'explainTrait',
  method: 'get',
  route: '/explain/trait',
  tag,
  summary: 'Where does this trait come from, and what lost against it?',
  permission,
  query: {
    type: 'object',
    required: ['trait'],
    properties: { trait: { type: 'string', minLength: 1, maxLength: 200 }, ...person },
    additionalProperties: false,
  },
  answer: ref('TraitExplained'),
  command: {
    name: 'explain trait',
    places: ['trait'],
    person: 'profile',
    print: { as: 'tree' },
    examples: ['tributary explain trait first_name < identifier.txt'],
  },
  problems,
  handle: async ({ hub, query, now }) => {
    const id = await findPerson(hub, query);
    const explained = await hub.explain.trait(id, query.trait, now);
    return { body: { ...explained, at: optionalTime(explained.at) }, profiles: [id] };
  },
});

export const explainMembership = defineOperation({
  id: 'explainMembership',
  method: 'get',
  route: '/explain/membership',
  tag,
  summary: 'Why is she in this audience, or not? Since when, and when will that change?',
  permission,
  query: {
    type: 'object',
    required: ['audience'],
    properties: { audience: { type: 'string', minLength: 1, maxLength: 200 }, ...person },
    additionalProperties: false,
  },
  answer: ref('MembershipExplained'),
  command: {
    name: 'explain membership',
    places: ['audience'],
    person: 'profile',
    print: { as: 'tree' },
    examples: [
      'tributary explain membership buyers < identifier.txt',
      'tributary explain membership buyers --profile 5f0c1e2d-0000-4000-8000-000000000000 --json',
    ],
  },
  problems: [...problems, 'AUDIENCE_UNKNOWN'],
  handle: async ({ hub, query, now }) => {
    checkAudience(hub, query.audience);
    const id = await findPerson(hub, query);
    const explained = await hub.explain.membership(id, query.audience, now);
    const { since, nextChangeAt } = explained;
    const times = { since: optionalTime(since), nextChangeAt: optionalTime(nextChangeAt) };
    return { body: { ...explained, ...times }, profiles: [id] };
  },
});

export const explainMerge = defineOperation({
  id: 'explainMerge',
  method: 'post',
  route: '/explain/merge',
  tag,
  summary: 'Why are these two identifiers one person, or are not?',
  description: 'Asked in the body, so that no URL holds an identifier.',
  permission,
  body: {
    type: 'object',
    required: ['left', 'right'],
    properties: { left: identifierSchema, right: identifierSchema },
    additionalProperties: false,
  },
  answer: ref('MergeExplained'),
  command: {
    name: 'explain merge',
    identifiers: ['left', 'right'],
    print: { as: 'tree' },
    examples: ['tributary explain merge < two-identifiers.txt'],
  },
  problems: ['PROFILE_UNKNOWN'],
  handle: async ({ hub, body }) => {
    const explained = await hub.explain.merge(body.left, body.right);
    if (!explained) throw unknownProfile();
    return { body: explained, profiles: explained.profiles };
  },
});

export const explainDelivery = defineOperation({
  id: 'explainDelivery',
  method: 'get',
  route: '/explain/delivery',
  tag,
  summary:
    'Why is she at this destination, or not? What stands in the way, and when is the next attempt?',
  permission,
  query: {
    type: 'object',
    required: ['instance'],
    properties: {
      instance: { type: 'string', maxLength: 100, description: "The destination's id in config." },
      list: { type: 'string', maxLength: 200, description: 'Only this list of the vendor.' },
      ...person,
    },
    additionalProperties: false,
  },
  answer: ref('DeliveryExplained'),
  command: {
    name: 'explain delivery',
    places: ['instance'],
    person: 'profile',
    print: { as: 'tree' },
    examples: ['tributary explain delivery mail < identifier.txt'],
  },
  problems: [...problems, 'INSTANCE_UNKNOWN', 'DESTINATION_STOPPED'],
  handle: async ({ hub, query, now }) => {
    await checkDestination(hub, query.instance);
    const id = await findPerson(hub, query);
    const explained = await hub.explain.delivery(id, query.instance, query.list, now);
    const nextAttemptAt = optionalTime(explained.nextAttemptAt);
    return { body: { ...explained, nextAttemptAt }, profiles: [id] };
  },
});
