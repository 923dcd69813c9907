// What operators decide about who is who: join, part, lift, retract.
import type { Identifier } from '@tributary/sdk';
import type { DecisionKind } from '../../../standardise/decision-record.ts';
import type { Hub } from '../../hub-reads.ts';
import { defineOperation, type ApiAnswer } from '../operation.ts';
import { identifierSchema, limitQuery, profilePath } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { listOf, ref } from '../schemas.ts';
import { findProfile, optionalTime, time } from '../wire.ts';

const tag = 'Identity';

const couple = {
  left: identifierSchema,
  right: identifierSchema,
  preview: {
    type: 'boolean',
    default: false,
    description: 'Only say what would come of it.',
  },
  evenUnknown: {
    type: 'boolean',
    default: false,
    description: 'Also where one of them is not known yet: it holds once she is.',
  },
  id: {
    type: 'string',
    minLength: 1,
    maxLength: 100,
    description: 'Of your own: what is sent again under the same is decided once.',
  },
} as const;

const coupleBody = {
  type: 'object',
  required: ['left', 'right'],
  properties: couple,
  additionalProperties: false,
} as const;

const deciding = {
  method: 'post',
  tag,
  permission: 'identity.decide',
  answer: ref('DecisionExplained'),
  problems: ['DECISION_INVALID', 'IDENTIFIER_UNKNOWN', 'PERSON_ERASED', 'INTAKE_BUSY'],
} as const;

const asked = { identifiers: ['left', 'right'], print: { as: 'tree' } } as const;

export const mergePeople = defineOperation({
  ...deciding,
  id: 'mergePeople',
  route: '/identity/merges',
  summary: 'Say that two identifiers are one person',
  description:
    'Counts for more than anything that sources observe; a limit of config or a separation still holds them apart. Undone by a retraction.',
  body: coupleBody,
  command: {
    ...asked,
    name: 'identity merge',
    examples: [
      'tributary identity merge --preview < two-identifiers.txt',
      'tributary identity merge < two-identifiers.txt',
    ],
  },
  handle: ({ hub, body, actor }) => decide(hub, { kind: 'merge', ...body }, actor),
});

export const separatePeople = defineOperation({
  ...deciding,
  id: 'separatePeople',
  route: '/identity/separations',
  summary: 'Say that two identifiers are never the same person, whatever is observed',
  description:
    'What was told of each stays hers: events, consents and audiences part with them, and destinations follow.',
  body: coupleBody,
  command: {
    ...asked,
    name: 'identity separate',
    examples: [
      'tributary identity separate --preview < two-identifiers.txt',
      'tributary identity separate < two-identifiers.txt',
    ],
  },
  handle: ({ hub, body, actor }) => decide(hub, { kind: 'separate', ...body }, actor),
});

export const liftSeparation = defineOperation({
  ...deciding,
  id: 'liftSeparation',
  route: '/identity/separations/lift',
  summary: 'Take back that two identifiers are never the same person',
  description: 'They are one again where evidence joins them.',
  body: coupleBody,
  command: {
    ...asked,
    name: 'identity lift',
    examples: ['tributary identity lift < two-identifiers.txt'],
  },
  handle: ({ hub, body, actor }) => decide(hub, { kind: 'lift', ...body }, actor),
});

export const retractEvidence = defineOperation({
  ...deciding,
  id: 'retractEvidence',
  route: '/identity/retractions',
  summary: 'Say that what was observed of two identifiers up to a time does not count',
  description:
    'Merges by hand included, and what arrives late. Later observations count: a separation is what holds against those.',
  body: {
    ...coupleBody,
    properties: {
      ...couple,
      upTo: {
        type: 'string',
        format: 'date-time',
        description: 'Up to when; left out: until now.',
      },
    },
  },
  command: {
    ...asked,
    name: 'identity retract',
    examples: [
      'tributary identity retract --preview < two-identifiers.txt',
      'tributary identity retract --up-to 2026-03-01T00:00:00Z < two-identifiers.txt',
    ],
  },
  handle: ({ hub, body, actor }) => {
    const upTo = body.upTo === undefined ? undefined : Date.parse(body.upTo);
    return decide(hub, { kind: 'retract', ...body, upTo }, actor);
  },
});

interface Asked {
  readonly kind: DecisionKind;
  readonly left: Identifier;
  readonly right: Identifier;
  readonly preview: boolean;
  readonly evenUnknown: boolean;
  readonly id?: string | undefined;
  readonly upTo?: number | undefined;
}

async function decide(hub: Hub, question: Asked, actor: string): Promise<ApiAnswer> {
  const found = await hub.decisions.decide(question, actor);
  switch (found.kind) {
    case 'refused':
      throw new ApiProblem('DECISION_INVALID', { detail: found.message });
    case 'unknown':
      throw new ApiProblem('IDENTIFIER_UNKNOWN', {
        detail:
          'Nobody was ever known by one of the two. Mind its spelling, or set `evenUnknown` to decide ahead.',
      });
    case 'erased':
      throw new ApiProblem('PERSON_ERASED', {
        detail: 'One of the two was erased: nothing is decided about her until she is back.',
      });
    case 'previewed':
    case 'decided': {
      const { kind, ...explained } = found;
      return {
        body: { ...explained, decided: kind === 'decided' },
        profiles: explained.profiles,
        personal: true,
      };
    }
  }
}

export const listDecisions = defineOperation({
  id: 'listDecisions',
  method: 'get',
  route: '/profiles/{id}/decisions',
  tag,
  summary: 'What operators decided about who she is, as far as it stands',
  permission: 'people.read',
  path: profilePath,
  query: limitQuery,
  answer: listOf('Decision'),
  command: {
    name: 'identity decisions',
    person: 'id',
    print: {
      as: 'table',
      columns: ['decision', 'left.value', 'right.value', 'at', 'actor', 'record'],
    },
    examples: ['tributary identity decisions < identifier.txt'],
  },
  problems: ['PROFILE_UNKNOWN', 'PROFILE_AMBIGUOUS'],
  handle: async ({ hub, path, query }) => {
    const id = await findProfile(hub, path.id);
    const found = await hub.decisions.list(id, query.limit);
    const items = found.map(({ kind, left, right, at, upTo, ...decision }) => ({
      decision: kind,
      left: plain(left),
      right: plain(right),
      at: time(at),
      upTo: optionalTime(upTo),
      ...decision,
    }));
    return { body: { items }, profiles: [id] };
  },
});

function plain({ namespace, value }: Identifier): Identifier {
  return { namespace, value };
}
