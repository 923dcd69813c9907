// What an admin sets for one SendGrid account.
import type { SettingsOf, SettingsSchema } from '@tributary/sdk';

export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['apiKey'],
  properties: {
    apiKey: {
      type: 'string',
      minLength: 1,
      writeOnly: true,
      title: 'API key',
      description:
        'Needs the permissions Marketing, and Mail Send where mail is sent, and recipients.erasejob.create to erase.',
    },
    region: {
      type: 'string',
      enum: ['global', 'eu'],
      default: 'global',
      title: 'Data residency',
      description: 'Where SendGrid keeps the data. `eu` needs a subuser in that region.',
    },
    baseUrl: {
      type: 'string',
      format: 'uri',
      pattern: '^https?://',
      title: 'Base URL',
      description: 'Takes the place of the region’s address: a proxy, or the sandbox.',
    },
    customFields: {
      type: 'object',
      additionalProperties: { type: 'string', enum: ['Text', 'Number', 'Date'] },
      propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$', maxLength: 100 },
      default: {},
      title: 'Custom fields',
      description: 'Name and type of the fields that setup creates.',
    },
    mail: {
      type: 'object',
      additionalProperties: false,
      required: ['fromEmail'],
      title: 'Mail',
      properties: {
        fromEmail: {
          type: 'string',
          format: 'email',
          title: 'From',
          description: 'A verified sender.',
        },
        fromName: { type: 'string', minLength: 1, title: 'Sender’s name' },
        replyTo: { type: 'string', format: 'email', title: 'Reply to' },
        sandbox: {
          type: 'boolean',
          default: false,
          title: 'Sandbox mode',
          description: 'SendGrid checks each mail and sends none.',
        },
      },
    },
    absenceGraceMs: {
      type: 'integer',
      minimum: 0,
      maximum: 3_600_000,
      default: 30_000,
      title: 'A missing contact counts as removed after (ms)',
      description:
        'SendGrid adds contacts in the background: one that is not there yet may still appear, and is looked for once more after this long.',
    },
  },
} as const satisfies SettingsSchema;

export type SendgridSettings = SettingsOf<typeof settingsSchema>;

const regionUrls = {
  global: 'https://api.sendgrid.com',
  eu: 'https://api.eu.sendgrid.com',
} as const;

export function baseUrlOf({ baseUrl, region }: SendgridSettings): string {
  return (baseUrl ?? regionUrls[region]).replace(/\/+$/, '');
}
