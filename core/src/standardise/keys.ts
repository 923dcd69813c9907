// Keyed hashes. With the deployment's key nobody can find out from the store alone which address a
// hash stands for; without it two deployments cannot be joined. Each use has a domain of its own.
// A key that is replaced is not thrown away: what was hashed with it is hashed once more with the next
// one, which needs no value that is gone. So a hash goes through all keys in turn, from the first on.
import { createHmac, createSecretKey } from 'node:crypto';
import { remember } from './remember.ts';

export interface DeploymentKeys {
  /** What an identifier is looked up by. */
  identifierHash(namespace: string, value: string): string;
  /** The profile id that an identifier lends to the profile it anchors. It is made once and stays. */
  latentId(identifierHash: string): string;
  /**
   * Stands for (source, message id), breaks ties, and is what destinations know an event by: by the
   * first key for ever, since neither may change because a key did.
   */
  messageHash(source: string, messageId: string): string;
  /** What deduplication remembers a message hash by. */
  seenHash(messageHash: string): string;
  /** Stands for a config, secrets and all, and gives nothing of it away. */
  configHash(text: string): string;
  /**
   * An identifier's hash as it is now, from one that was made while the key of that fingerprint was the
   * newest; undefined: no key of these has it. Without a fingerprint: the first key.
   */
  bringForward(identifierHash: string, fingerprint: string | undefined): string | undefined;
  /** Proves that a store is under this key without giving the key away. */
  readonly fingerprint: string;
}

/** What one more key makes of hashes. */
export interface KeyStep {
  identifierHash(hash: string): string;
  seenHash(hash: string): string;
  readonly fingerprint: string;
}

/** Of identifiers that came lately; some megabytes. */
const mostRemembered = 20_000;

/**
 * @param key 32 bytes. Results are the first 128 bits of HMAC-SHA-256 as uuid text.
 * @param earlier the keys of before, the first first.
 */
export function createDeploymentKeys(
  key: Uint8Array,
  earlier: readonly Uint8Array[] = [],
): DeploymentKeys {
  const present = createKeyedHash(key);
  const first = earlier[0] === undefined ? present : createKeyedHash(earlier[0]);
  const steps = earlier.length === 0 ? [] : [...earlier.slice(1), key].map(createKeyStep);
  const fingerprints = [first('fingerprint'), ...steps.map(({ fingerprint }) => fingerprint)];
  const through = (from: readonly KeyStep[], hash: string): string =>
    from.reduce((inner, step) => step.identifierHash(inner), hash);
  const identifierHash = remember(mostRemembered, (named) =>
    through(steps, first('identifier', named)),
  );
  return {
    identifierHash: (namespace, value) => identifierHash(`${namespace}\u0000${value}`),
    latentId: (hash) => present('profile', hash),
    messageHash: (source, messageId) => first('message', source, messageId),
    seenHash: (messageHash) => steps.reduce((inner, step) => step.seenHash(inner), messageHash),
    configHash: (text) => present('config', text),
    bringForward(hash, fingerprint) {
      const place = fingerprint === undefined ? 0 : fingerprints.indexOf(fingerprint);
      return place < 0 ? undefined : through(steps.slice(place), hash);
    },
    fingerprint: present('fingerprint'),
  };
}

export function createKeyStep(key: Uint8Array): KeyStep {
  const hash = createKeyedHash(key);
  return {
    identifierHash: (inner) => hash('identifier again', inner),
    seenHash: (inner) => hash('seen again', inner),
    fingerprint: hash('fingerprint'),
  };
}

function createKeyedHash(key: Uint8Array): (...parts: string[]) => string {
  if (key.byteLength < 32) {
    throw new Error(
      `DEPLOYMENT_KEY_SHORT: hub.key: ${key.byteLength} bytes, at least 32 are needed. Make one with \`openssl rand -base64 32\`.`,
    );
  }
  // As an object the key is read once; as bytes it would be taken in anew for each hash, at ten times the cost.
  const secret = createSecretKey(key);
  return (...parts) =>
    toUuid(createHmac('sha256', secret).update(parts.join('\u0000')).digest('hex'));
}

/** The first 32 hex digits in groups, as PostgreSQL prints a uuid. */
export function toUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
