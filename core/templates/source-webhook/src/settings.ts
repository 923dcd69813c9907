// What an admin sets: one JSON Schema gives types, validation, the form and the reference.
import type { SettingsSchema } from '@tributary/sdk';

export const settings = {
  type: 'object',
  additionalProperties: false,
  required: ['signingSecret'],
  properties: {
    signingSecret: {
      type: 'string',
      minLength: 16,
      // Kept out of every log, error and form.
      writeOnly: true,
      title: 'Signing secret',
      description: 'Acme signs each webhook with it: Settings → Webhooks.',
    },
  },
} as const satisfies SettingsSchema;
