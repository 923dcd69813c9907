// What an admin says about the tracking API.
import { parseIsoTime, type SettingsOf, type SettingsSchema } from '@tributary/sdk';
import { hashOfKey } from './write-keys.ts';

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
        'Where browsers reach this API, mount included, e.g. `https://hub.example.com`. Default: the Host that a request names.',
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
    aliasPreviousId: {
      type: 'string',
      minLength: 1,
      maxLength: 64,
      description:
        'Namespace of `previousId` in an alias, e.g. `user_id` where user ids are UUIDs. Default: `anonymous_id` for the sender’s own and for UUIDs, else `user_id`.',
    },
  },
} as const satisfies SettingsSchema;

export type Settings = SettingsOf<typeof settings>;

export interface SettingsProblem {
  readonly path: string;
  readonly message: string;
}

/** What a schema cannot say: each key is given once, as itself or as its hash; URLs and times are some. */
export function validateSettings(given: Settings): SettingsProblem[] {
  return [
    ...given.writeKeys.flatMap((writeKey, index) => keyProblems(writeKey, `/writeKeys/${index}`)),
    ...repeatedKeys(given),
    ...urlProblems(given),
    ...(given.allowedOrigins ?? []).flatMap((origin, index) =>
      URL.parse(origin)?.origin === origin
        ? []
        : [problem(`/allowedOrigins/${index}`, 'an origin such as https://www.example.com')],
    ),
  ];
}

function problem(path: string, expected: string): SettingsProblem {
  return { path, message: `${expected} was expected` };
}

type GivenKey = Settings['writeKeys'][number];

function keyProblems({ key, hash, expiresAt }: GivenKey, path: string): SettingsProblem[] {
  const isOne = (key === undefined) !== (hash === undefined);
  const isTime = expiresAt === undefined || parseIsoTime(expiresAt) !== undefined;
  return [
    ...(isOne ? [] : [problem(path, 'either key or hash, and not both,')]),
    ...(isTime ? [] : [problem(`${path}/expiresAt`, 'a time such as 2030-01-31T00:00:00Z')]),
  ];
}

/** Twice the same key could be both a secret and public. */
function repeatedKeys({ writeKeys }: Settings): SettingsProblem[] {
  const hashes = writeKeys.map(({ key, hash }) => hash ?? `sha256:${hashOfKey(key ?? '')}`);
  return hashes.flatMap((hash, index) =>
    hashes.indexOf(hash) === index
      ? []
      : [problem(`/writeKeys/${index}`, 'a key that is not given before')],
  );
}

function urlProblems({ publicUrl }: Settings): SettingsProblem[] {
  if (publicUrl === undefined) return [];
  const url = URL.parse(publicUrl);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && !url.search && !url.hash;
  return isPlain ? [] : [problem('/publicUrl', 'a URL such as https://hub.example.com')];
}
