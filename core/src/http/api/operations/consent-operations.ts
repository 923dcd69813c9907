// What people agreed to and refused, and writing it down.
import { defineOperation } from '../operation.ts';
import { identifierSchema, limitQuery, profilePath } from '../parameters.ts';
import { ref } from '../schemas.ts';
import { findProfile, optionalTime, time } from '../wire.ts';

const tag = 'Consent';

export const readConsents = defineOperation({
  id: 'readConsents',
  method: 'get',
  route: '/profiles/{id}/consents',
  tag,
  summary: 'What holds now per purpose, channel and contact point, and the entries behind it',
  permission: 'people.read',
  path: profilePath,
  query: limitQuery,
  answer: ref('Consents'),
  command: {
    name: 'consent show',
    person: 'id',
    examples: [
      'tributary consent show --profile 5f0c1e2d-0000-4000-8000-000000000000',
      'tributary consent show < identifier.txt',
    ],
  },
  problems: ['PROFILE_UNKNOWN', 'PROFILE_AMBIGUOUS'],
  handle: async ({ hub, path, query, now }) => {
    const id = await findProfile(hub, path.id);
    const [decisions, entries] = await Promise.all([
      hub.profiles.consentDecisions(id, now),
      hub.profiles.consents(id, query.limit),
    ]);
    const body = {
      decisions,
      entries: entries.map((entry) => ({
        ...entry,
        effectiveAt: time(entry.effectiveAt),
        recordedAt: time(entry.recordedAt),
        expiresAt: optionalTime(entry.expiresAt),
      })),
    };
    return { body, profiles: [id] };
  },
});

export const recordConsent = defineOperation({
  id: 'recordConsent',
  method: 'post',
  route: '/consents',
  tag,
  summary: 'Write down what somebody agreed to, refused or withdrew',
  description:
    'Covers exactly the identifiers that it names. A withdrawal stops deliveries before this call is answered.',
  permission: 'consent.write',
  body: {
    type: 'object',
    required: ['identifiers', 'consents'],
    properties: {
      identifiers: { type: 'array', items: identifierSchema, minItems: 1, maxItems: 20 },
      consents: {
        type: 'array',
        minItems: 1,
        maxItems: 50,
        items: {
          type: 'object',
          required: ['purpose', 'status'],
          properties: {
            purpose: { type: 'string', minLength: 1, maxLength: 100 },
            channel: { type: 'string', minLength: 1, maxLength: 64 },
            status: { enum: ['granted', 'denied', 'withdrawn'] },
            lawfulBasis: { type: 'string', minLength: 1, maxLength: 64 },
            textVersion: { type: 'string', minLength: 1, maxLength: 200 },
            jurisdiction: { type: 'string', minLength: 1, maxLength: 16 },
            expiresAt: { type: 'string', format: 'date-time' },
          },
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
  },
  answer: ref('Receipt'),
  command: {
    name: 'consent record',
    identifiers: ['identifiers'],
    item: 'consents',
    print: { as: 'words', words: '{accepted} accepted, {duplicates} known before.' },
    examples: [
      'tributary consent record --purpose email_marketing --status withdrawn < identifiers.txt',
    ],
  },
  problems: ['INTAKE_BUSY'],
  handle: async ({ hub, body, actor }) => ({
    body: await hub.consent.record(body.identifiers, body.consents, actor),
  }),
});
