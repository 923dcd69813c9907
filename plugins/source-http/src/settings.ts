// What an admin says about the tracking API.
import type { SettingsOf, SettingsSchema } from '@tributary/sdk';

export const settings = {
  type: 'object',
  additionalProperties: false,
  required: ['writeKeys'],
  properties: {
    writeKeys: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      description:
        'Keys that clients send. Several may hold at once, so that a key can be rotated without a gap.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['kind'],
        properties: {
          key: {
            type: 'string',
            minLength: 8,
            maxLength: 200,
            writeOnly: true,
            description: 'The key itself, by reference: `${WRITE_KEY}`.',
          },
          hash: {
            type: 'string',
            pattern: '^sha256:[0-9a-f]{64}$',
            description: 'Instead of the key: `sha256:` and the SHA-256 of the key in hex.',
          },
          kind: {
            enum: ['server', 'client'],
            description:
              '`server`: a secret, its records are authenticated. `client`: public (browser, app), its records are claims.',
          },
          label: { type: 'string', maxLength: 100, description: 'For people who rotate keys.' },
          expiresAt: {
            type: 'string',
            maxLength: 40,
            description: 'ISO 8601; from then on the key is refused.',
          },
        },
      },
    },
    publicUrl: {
      type: 'string',
      maxLength: 500,
      description:
        'Where browsers reach this API, e.g. `https://hub.example.com`. Default: the Host that a request names.',
    },
    allowedOrigins: {
      type: 'array',
      maxItems: 100,
      items: { type: 'string', maxLength: 300 },
      description: 'Origins whose pages may send with a client key. Default: all.',
    },
    externalIds: {
      type: 'object',
      maxProperties: 50,
      additionalProperties: { type: 'string', maxLength: 64 },
      description: 'Type in `context.externalIds` → namespace of the hub, e.g. `{ crm: crm_id }`.',
    },
  },
} as const satisfies SettingsSchema;

export type Settings = SettingsOf<typeof settings>;

/** What a schema cannot say: each key is given once, as itself or as its hash. */
export function validateSettings(given: Settings): { path: string; message: string }[] {
  return given.writeKeys.flatMap((writeKey, index) => {
    const path = `/writeKeys/${index}`;
    const problems: { path: string; message: string }[] = [];
    if ((writeKey.key === undefined) === (writeKey.hash === undefined)) {
      problems.push({ path, message: 'either key or hash is needed, and not both' });
    }
    if (writeKey.expiresAt !== undefined && Number.isNaN(Date.parse(writeKey.expiresAt))) {
      problems.push({ path: `${path}/expiresAt`, message: 'an ISO 8601 time was expected' });
    }
    return problems;
  });
}
