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
      description: 'Needs the right to send: Settings → API.',
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

/** What config says where it uses the action. */
export const parameters = {
  type: 'object',
  additionalProperties: false,
  required: ['template'],
  properties: {
    template: { type: 'string', minLength: 1, title: 'Template', description: 'Its id at Acme.' },
  },
} as const satisfies SettingsSchema;
