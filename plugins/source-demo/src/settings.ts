// How lively the shop is.
import type { SettingsSchema } from '@tributary/sdk';

export const settings = {
  type: 'object',
  additionalProperties: false,
  properties: {
    seed: {
      type: 'integer',
      minimum: 0,
      maximum: 2_147_483_647,
      default: 1,
      description: 'Another seed, other customers; the same seed, the same shop.',
    },
    customers: {
      type: 'integer',
      minimum: 10,
      maximum: 10_000_000,
      default: 200,
      description: 'How many customers the shop has.',
    },
    visitsPerMinute: {
      type: 'number',
      minimum: 0.1,
      maximum: 600_000,
      default: 60,
      description: 'How many visits begin in a minute.',
    },
    backfillDays: {
      type: 'integer',
      minimum: 0,
      maximum: 3_650,
      default: 365,
      description: 'Days of history that are loaded at the first start; 0 for none.',
    },
  },
} as const satisfies SettingsSchema;

export const defaults = {
  seed: 1,
  customers: 200,
  visitsPerMinute: 60,
  backfillDays: 365,
} as const;
