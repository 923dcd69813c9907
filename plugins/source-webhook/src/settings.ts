// What an admin says about a sender: how its messages prove where they come from, and what they mean.
import type { SettingsOf, SettingsSchema } from '@tributary/sdk';

const secrets = {
  type: 'array',
  minItems: 1,
  maxItems: 8,
  items: { type: 'string', minLength: 8, maxLength: 500, writeOnly: true },
} as const;
const headerName = { type: 'string', pattern: '^[A-Za-z0-9-]{1,100}$' } as const;
const expression = { type: 'string', minLength: 1, maxLength: 65_536 } as const;

const hmac = {
  type: 'object',
  additionalProperties: false,
  required: ['header'],
  description: 'How a sender signs that has no preset.',
  properties: {
    header: { ...headerName, description: 'The header that holds the signature.' },
    algorithm: { enum: ['sha1', 'sha256', 'sha512'], description: 'Default `sha256`.' },
    encoding: { enum: ['hex', 'base64', 'base64url'], description: 'Default `hex`.' },
    prefix: {
      type: 'string',
      maxLength: 20,
      description: 'Stands before each signature, e.g. `sha256=`.',
    },
    secretEncoding: {
      enum: ['text', 'hex', 'base64'],
      description: 'How a secret is written; default `text`, its characters are the key.',
    },
    signed: {
      type: 'string',
      minLength: 6,
      maxLength: 200,
      description:
        'What is signed: text with `{body}`, `{timestamp}` and `{header:NAME}`. Default `{body}`.',
    },
    separator: {
      type: 'string',
      minLength: 1,
      maxLength: 1,
      description: 'Stands between several signatures in the header.',
    },
    pairs: {
      type: 'object',
      additionalProperties: false,
      required: ['signature'],
      description: 'The header is a list of `name=value`, e.g. `t=1700000000,v1=…`.',
      properties: {
        separator: { type: 'string', minLength: 1, maxLength: 1, description: 'Default `,`.' },
        signature: { type: 'string', minLength: 1, maxLength: 20 },
        timestamp: { type: 'string', minLength: 1, maxLength: 20 },
      },
    },
    timestamp: {
      type: 'object',
      additionalProperties: false,
      required: ['header'],
      description: 'The header that holds the time of signing.',
      properties: { header: headerName, unit: { enum: ['s', 'ms', 'iso'] } },
    },
    tolerance: {
      type: 'string',
      maxLength: 20,
      description: 'How far the signed time may be from now, either way. Default `5m`.',
    },
  },
} as const;

export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['verify', 'mapping'],
  properties: {
    verify: {
      type: 'object',
      additionalProperties: false,
      description:
        'How a message proves where it comes from: one of `preset`, `hmac`, `bearer` and `basic`. The last two prove nothing about the body.',
      properties: {
        preset: {
          enum: [
            'standard-webhooks',
            'github',
            'stripe',
            'shopify',
            'slack',
            'calendly',
            'paddle',
            'intercom',
            'typeform',
            'zendesk',
          ],
          description: 'A sender whose way of signing is known.',
        },
        hmac,
        secrets: {
          ...secrets,
          description:
            'Signing secrets. To replace one, add the new one, have the sender use it, then take the old one out.',
        },
        tolerance: {
          type: 'string',
          maxLength: 20,
          description:
            'How far the signed time may be from now, either way; only where the sender signs a time. Default `5m`.',
        },
        bearer: {
          type: 'object',
          additionalProperties: false,
          required: ['tokens'],
          description: 'A fixed token instead of a signature.',
          properties: {
            header: {
              ...headerName,
              description: 'Default `authorization`, with `Bearer ` before the token.',
            },
            tokens: secrets,
          },
        },
        basic: {
          type: 'object',
          additionalProperties: false,
          required: ['user', 'passwords'],
          description: 'HTTP basic authentication instead of a signature.',
          properties: {
            user: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[^:]*$' },
            passwords: secrets,
          },
        },
      },
    },
    mapping: {
      ...expression,
      description:
        'A JSONata expression (https://docs.jsonata.org) over the body that gives a record, a list of records, or nothing. `$headers`, `$query` and `$path` are there as well.',
    },
    messageId: {
      ...expression,
      description:
        'A JSONata expression that gives the id of a message, by which a repeated delivery is known. Default: what the sender signs as id, else a hash of the body.',
    },
    limits: {
      type: 'object',
      additionalProperties: false,
      description: 'What mapping one message may cost.',
      properties: {
        time: { type: 'string', maxLength: 20, description: 'Default `1s`, at most `5s`.' },
        outputBytes: {
          type: 'integer',
          minimum: 100,
          maximum: 16_777_216,
          description: 'Of all records of one message as JSON. Default 1,048,576.',
        },
        records: {
          type: 'integer',
          minimum: 1,
          maximum: 10_000,
          description: 'Of one message. Default 1,000.',
        },
      },
    },
    tests: {
      type: 'array',
      maxItems: 500,
      description: 'Examples of the mapping, run by `tributary check --tests`.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['title', 'in', 'out'],
        properties: {
          title: { type: 'string', minLength: 1, maxLength: 200 },
          in: { description: 'The body.' },
          headers: {
            type: 'object',
            additionalProperties: { type: 'string' },
            description: 'In lower case.',
          },
          path: { type: 'string', maxLength: 2_000, description: 'With its query. Default `/`.' },
          out: {
            type: 'array',
            items: { type: 'object' },
            description:
              'The records, each with the members that matter: what a record has beyond them is not compared.',
          },
        },
      },
    },
  },
} as const satisfies SettingsSchema;

export type Settings = SettingsOf<typeof settingsSchema>;
export type HmacSettings = NonNullable<Settings['verify']['hmac']>;
