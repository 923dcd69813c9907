// Standard Webhooks (standardwebhooks.com): one way to sign a webhook that receivers have libraries
// for in every language. Several signatures at once let a secret be replaced without a gap.
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign as signWithKey,
  verify as verifyWithKey,
  type KeyObject,
} from 'node:crypto';
import { isRecent, requireKeys, sameBytes, type SignatureVerdict } from './signature.ts';

/** A webhook that is to be signed. */
export interface WebhookMessage {
  /** Stable over retries: the receiver's key of deduplication. No dot, which the signature uses. */
  readonly id: string;
  /** Milliseconds since 1970; the header has whole seconds. */
  readonly sentAt: number;
  readonly body: string | Uint8Array;
}

/**
 * The headers of a signed webhook. `webhook-signature` holds one signature per secret, with spaces between.
 */
export interface WebhookHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * The three headers of a message, with one signature per secret: `whsec_…` (HMAC-SHA256, `v1`) or
 * `whsk_…` (Ed25519, `v1a`).
 * @throws RangeError where there is no secret, one is malformed, or the id holds a dot or a space.
 */
export function signWebhook(message: WebhookMessage, secrets: readonly string[]): WebhookHeaders {
  requireKeys(secrets);
  if (!/^[^\s.]{1,256}$/.test(message.id)) {
    throw new RangeError(
      'the id of a webhook holds no dot and no space, and at most 256 characters',
    );
  }
  const timestamp = String(Math.floor(message.sentAt / 1_000));
  const text = signedText(message.id, timestamp, message.body);
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => signOne(text, secret)).join(' '),
  };
}

/** A webhook as it came in, and the time by which it is judged. */
export interface IncomingWebhook {
  /** As they came in, names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body as it came over the wire: what is parsed and written again is other bytes. */
  readonly rawBody: Uint8Array | string;
  /** Milliseconds since 1970: the clock's `now()`. */
  readonly now: number;
  /** Milliseconds, either way. Default 5 minutes. */
  readonly toleranceMs?: number;
}

/** The same with the keys that may have signed it. */
export interface WebhookCheck extends IncomingWebhook {
  /** All that are valid now: `whsec_…` or the public `whpk_…`. */
  readonly secrets: readonly string[];
}

/**
 * Is the message signed with one of the secrets, and recent? In constant time.
 * @throws RangeError where there is no secret or one is malformed: that is a mistake in config.
 */
export function verifyWebhook(check: WebhookCheck): SignatureVerdict {
  return createWebhookVerifier(check.secrets)(check);
}

/**
 * The same for many messages: the keys are read once, for the `open` of a plugin.
 * @param secrets all that are valid now: `whsec_…` or the public `whpk_…`
 * @throws RangeError where there is no secret or one is malformed: that is a mistake in config.
 */
export function createWebhookVerifier(
  secrets: readonly string[],
): (message: IncomingWebhook) => SignatureVerdict {
  requireKeys(secrets);
  const keys = secrets.map(parseVerifier);
  return (message) => verifyMessage(message, keys);
}

function verifyMessage(check: IncomingWebhook, keys: readonly Verifier[]): SignatureVerdict {
  const id = check.headers['webhook-id'];
  const timestamp = check.headers['webhook-timestamp'];
  const list = check.headers['webhook-signature'];
  if (!id || !timestamp || !list) return { ok: false, reason: 'missing' };
  if (!/^\d{1,12}$/.test(timestamp) || list.length > longestList || id.length > 256) {
    return { ok: false, reason: 'malformed' };
  }
  const text = signedText(id, timestamp, check.rawBody);
  const signatures = list.split(' ').slice(0, mostSignatures);
  const matches = signatures.flatMap((signature) =>
    keys.map((matchesKey) => matchesKey(text, signature)),
  );
  if (!matches.includes(true)) return { ok: false, reason: 'mismatch' };
  const { now, toleranceMs } = check;
  const signed = {
    at: Number(timestamp) * 1_000,
    now,
    ...(toleranceMs === undefined ? {} : { toleranceMs }),
  };
  return isRecent(signed) ? { ok: true } : { ok: false, reason: 'stale' };
}

/** What is wrong with a signing secret, else nothing: for the `validate` of a plugin's settings. */
export function describeWebhookSecretProblem(secret: string): string | undefined {
  return problemOf(() => signOne(Buffer.alloc(0), secret), 'cannot be used to sign');
}

/** The same of a key that verifies: `whsec_…` or the public `whpk_…`. */
export function describeWebhookKeyProblem(key: string): string | undefined {
  return problemOf(() => parseVerifier(key), 'cannot be used to verify');
}

function problemOf(use: () => unknown, otherwise: string): string | undefined {
  try {
    use();
    return undefined;
  } catch (error) {
    return error instanceof RangeError ? error.message : otherwise;
  }
}

// Bounds on what a stranger may make us compute: a signature is below 100 characters.
const longestList = 4_096;
const mostSignatures = 16;

function signedText(id: string, timestamp: string, body: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
}

function signOne(text: Uint8Array, secret: string): string {
  if (secret.startsWith('whsk_')) {
    return `v1a,${signWithKey(null, text, privateKey(secret)).toString('base64')}`;
  }
  return `v1,${createHmac('sha256', symmetricKey(secret)).update(text).digest('base64')}`;
}

type Verifier = (text: Uint8Array, signature: string) => boolean;

function parseVerifier(secret: string): Verifier {
  if (secret.startsWith('whpk_')) {
    const key = publicKey(secret);
    return (text, signature) =>
      signature.startsWith('v1a,') &&
      verifyWithKey(null, text, key, Buffer.from(signature.slice(4), 'base64'));
  }
  const key = symmetricKey(secret);
  return (text, signature) =>
    signature.startsWith('v1,') &&
    sameBytes(
      createHmac('sha256', key).update(text).digest(),
      Buffer.from(signature.slice(3), 'base64'),
    );
}

// The specification asks for 24 to 64 bytes, in base64 behind the prefix.
function symmetricKey(secret: string): Buffer {
  const key = decode(secret.startsWith('whsec_') ? secret.slice(6) : secret);
  if (key.length >= 24 && key.length <= 64) return key;
  throw new RangeError(
    `a webhook secret is whsec_ and base64 of 24 to 64 bytes, this has ${key.length}`,
  );
}

// DER of an Ed25519 key is a fixed head and the 32 bytes (RFC 8410).
const privateHead = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicHead = Buffer.from('302a300506032b6570032100', 'hex');

function privateKey(secret: string): KeyObject {
  // Some tools write seed and public key together.
  const bytes = decode(secret.slice(5));
  if (bytes.length !== 32 && bytes.length !== 64) throw wrongKeyLength('whsk_', bytes.length);
  const key = Buffer.concat([privateHead, bytes.subarray(0, 32)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

function publicKey(secret: string): KeyObject {
  const bytes = decode(secret.slice(5));
  if (bytes.length !== 32) throw wrongKeyLength('whpk_', bytes.length);
  return createPublicKey({ key: Buffer.concat([publicHead, bytes]), format: 'der', type: 'spki' });
}

function wrongKeyLength(prefix: string, length: number): RangeError {
  return new RangeError(`an Ed25519 key is ${prefix} and base64 of 32 bytes, this has ${length}`);
}

function decode(text: string): Buffer {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw new RangeError('a webhook secret is base64 behind its prefix, and this is not');
  }
  return Buffer.from(text, 'base64');
}
