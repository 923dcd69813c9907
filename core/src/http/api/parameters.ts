// Parameters that several operations take.
import { settledStates } from '../operator-reads.ts';

export const profilePath = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string', format: 'uuid', description: 'Any id that was ever handed out.' },
  },
  additionalProperties: false,
} as const;

export const instancePath = {
  type: 'object',
  required: ['instance'],
  properties: { instance: { type: 'string', maxLength: 100, description: 'Its id in config.' } },
  additionalProperties: false,
} as const;

export const numberPath = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'integer', minimum: 1 } },
  additionalProperties: false,
} as const;

export const limit = {
  type: 'integer',
  minimum: 1,
  maximum: 1_000,
  default: 100,
  description: 'Items at most.',
} as const;

export const limitQuery = {
  type: 'object',
  properties: { limit },
  additionalProperties: false,
} as const;

export const identifierMembers = {
  namespace: { type: 'string', minLength: 1, maxLength: 64, description: 'E.g. `email`.' },
  value: {
    type: 'string',
    minLength: 1,
    maxLength: 1_024,
    description: 'As people write it; it is brought into its normal form.',
  },
} as const;

export const identifierSchema = {
  type: 'object',
  required: ['namespace', 'value'],
  properties: identifierMembers,
  additionalProperties: false,
} as const;

export const ids = {
  type: 'array',
  items: { type: 'integer', minimum: 1 },
  minItems: 1,
  maxItems: 1_000,
} as const;

export const settledState = { enum: settledStates } as const;

/** Half-open, so that neighbouring spans meet no entry twice. */
export const span = {
  since: { type: 'string', format: 'date-time', description: 'From this moment on.' },
  until: { type: 'string', format: 'date-time', description: 'Before this moment.' },
} as const;

export const after = {
  type: 'integer',
  minimum: 0,
  default: 0,
  description: '`next` of the page before.',
} as const;

export const reason = {
  type: 'string',
  minLength: 1,
  maxLength: 500,
  description: 'Kept with the entry; the audit log keeps its hash.',
} as const;
