// What an admin says about a receiver, and what can be told to be wrong before anything is sent.
import { createGuardedAgent, describeWebhookSecretProblem, type SettingsOf } from '@tributary/sdk';

export const settingsSchema = {
  type: 'object',
  properties: {
    url: {
      type: 'string',
      title: 'URL of the receiver',
      description: 'https, or http to a host that `allowPrivate` names.',
      minLength: 1,
      maxLength: 2_000,
    },
    secrets: {
      type: 'array',
      title: 'Signing secrets',
      description:
        'Each signs every message: `whsec_…` (HMAC) or `whsk_…` (Ed25519). To replace one, put the new one first, keep the old one until the receiver knows the new one, then take the old one out.',
      items: { type: 'string', writeOnly: true, minLength: 1, maxLength: 500 },
      minItems: 1,
      maxItems: 4,
    },
    headers: {
      type: 'object',
      title: 'Further headers',
      description: 'Sent with every message, e.g. `authorization`.',
      additionalProperties: { type: 'string', writeOnly: true, maxLength: 4_000 },
      maxProperties: 20,
    },
    allowPrivate: {
      type: 'array',
      title: 'Private hosts that may be reached',
      description: 'Hosts, addresses or CIDR ranges inside your network. Default: none.',
      items: { type: 'string', minLength: 1, maxLength: 255 },
      maxItems: 50,
    },
    batch: {
      type: 'boolean',
      title: 'Several changes in one message',
      description: 'Default: one message per change, as most receivers expect.',
      default: false,
    },
    batchSize: {
      type: 'integer',
      title: 'Most changes in one message',
      minimum: 1,
      maximum: 500,
      default: 100,
    },
    timeoutMs: {
      type: 'integer',
      title: 'Time for the receiver to answer, in milliseconds',
      minimum: 100,
      maximum: 30_000,
      default: 15_000,
    },
  },
  required: ['url', 'secrets'],
  additionalProperties: false,
} as const;

export type WebhookSettings = SettingsOf<typeof settingsSchema>;

interface Problem {
  readonly path: string;
  readonly message: string;
}

/** What the schema cannot say. */
export function findSettingsProblems(settings: WebhookSettings): Problem[] {
  return [
    ...urlProblems(settings.url, settings.allowPrivate ?? []),
    ...settings.secrets.flatMap((secret, index) => {
      const message = secretProblem(secret);
      return message === undefined ? [] : [{ path: `/secrets/${index}`, message }];
    }),
    ...headerProblems(settings.headers ?? {}),
  ];
}

function urlProblems(text: string, allow: readonly string[]): Problem[] {
  const problem = (message: string): Problem[] => [{ path: '/url', message }];
  const url = URL.parse(text);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    return problem('is no https URL. Write the whole address of the receiver.');
  }
  if (url.username !== '' || url.password !== '') {
    return problem('holds credentials, which would show in logs. Put them into `headers`.');
  }
  try {
    createGuardedAgent({ allow });
  } catch (error) {
    const message = error instanceof Error ? error.message : 'cannot be read';
    return [{ path: '/allowPrivate', message }];
  }
  // People's data in clear text may cross the admin's own network, never the internet.
  if (url.protocol === 'http:' && allow.length === 0) {
    return problem(
      'is not encrypted. Use https, or name the host in `allowPrivate` if it is inside.',
    );
  }
  return [];
}

function secretProblem(secret: string): string | undefined {
  if (secret.startsWith('whpk_')) return 'is a public key, which cannot sign. Use the whsk_ key.';
  return describeWebhookSecretProblem(secret);
}

const reserved = /^(webhook-|content-|transfer-encoding$|host$|connection$)/i;
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

function headerProblems(headers: Readonly<Record<string, string>>): Problem[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const path = `/headers/${name}`;
    if (!headerName.test(name)) return [{ path, message: 'is no name of a header.' }];
    if (reserved.test(name)) return [{ path, message: 'is set by the hub. Take it out.' }];
    return headerValue.test(value) ? [] : [{ path, message: 'has a value no header can carry.' }];
  });
}
