// What an admin sets: one JSON Schema gives types, validation, the form and the reference.
import type { SettingsSchema } from '@tributary/sdk';

export const settings = {
  type: 'object',
  additionalProperties: false,
  required: ['apiKey'],
  properties: {
    apiKey: {
      type: 'string',
      minLength: 1,
      // Kept out of every log, error and form.
      writeOnly: true,
      title: 'API key',
      description: 'Needs the right to read events: Settings → API.',
    },
    baseUrl: {
      type: 'string',
      format: 'uri',
      default: 'https://api.acme.example',
      title: 'Base URL',
      description: 'Takes the place of Acme’s address: a proxy, or a sandbox.',
    },
  },
} as const satisfies SettingsSchema;
