// Keyed hashes. With the deployment's key nobody can find out from the store alone which address a
// hash stands for; without it two deployments cannot be joined. Each use has a domain of its own.
import { createHmac, createSecretKey } from 'node:crypto';
import { remember } from './remember.ts';

export interface DeploymentKeys {
  /** What an identifier is looked up by. */
  identifierHash(namespace: string, value: string): string;
  /** The profile id that an identifier lends to the profile it anchors. */
  latentId(identifierHash: string): string;
  /** Stands for (source, message id) in deduplication and breaks ties. */
  messageHash(source: string, messageId: string): string;
  /** Stands for a config, secrets and all, and gives nothing of it away. */
  configHash(text: string): string;
  /** Proves that a store was made with this key without giving the key away. */
  readonly fingerprint: string;
}

/** Of identifiers that came lately; some megabytes. */
const mostRemembered = 20_000;

/** @param key 32 bytes. Results are the first 128 bits of HMAC-SHA-256 as uuid text. */
export function createDeploymentKeys(key: Uint8Array): DeploymentKeys {
  if (key.byteLength < 32) {
    throw new Error(
      `DEPLOYMENT_KEY_SHORT: hub.key: ${key.byteLength} bytes, at least 32 are needed. Make one with \`openssl rand -base64 32\`.`,
    );
  }
  // As an object the key is read once; as bytes it would be taken in anew for each hash, at ten times the cost.
  const secret = createSecretKey(key);
  const hash = (...parts: string[]): string => {
    const digest = createHmac('sha256', secret).update(parts.join('\u0000')).digest('hex');
    return toUuid(digest);
  };
  const identifierHash = remember(mostRemembered, (named) => hash('identifier', named));
  return {
    identifierHash: (namespace, value) => identifierHash(`${namespace}\u0000${value}`),
    latentId: (identifierHash) => hash('profile', identifierHash),
    messageHash: (source, messageId) => hash('message', source, messageId),
    configHash: (text) => hash('config', text),
    fingerprint: hash('fingerprint'),
  };
}

/** The first 32 hex digits in groups, as PostgreSQL prints a uuid. */
export function toUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
