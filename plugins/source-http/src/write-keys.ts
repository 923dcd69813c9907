// Which key a request carries and whether it is one of ours. Only hashes are kept; they are compared in
// constant time, and all of them, so that timing says nothing about any.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { JsonObject } from '@tributary/sdk';
import type { Settings } from './settings.ts';

export interface WriteKey {
  readonly kind: 'server' | 'client';
}

export interface WriteKeys {
  /** Undefined: not one of ours, or expired. */
  find(key: string, now: number): WriteKey | undefined;
}

interface KnownKey extends WriteKey {
  readonly hash: Buffer;
  readonly expiresAt: number;
}

export function createWriteKeys(settings: Settings): WriteKeys {
  const known: KnownKey[] = settings.writeKeys.map(({ key, hash, kind, expiresAt }) => ({
    hash: Buffer.from(hash?.slice('sha256:'.length) ?? hashOfKey(key ?? ''), 'hex'),
    kind,
    expiresAt: expiresAt === undefined ? Infinity : Date.parse(expiresAt),
  }));
  return {
    find(key, now) {
      const hash = sha256(key);
      const found = known.filter((candidate) => timingSafeEqual(candidate.hash, hash));
      return found.find(({ expiresAt }) => expiresAt > now);
    },
  };
}

/** SHA-256 in hex, as config may give it instead of the key. */
export function hashOfKey(key: string): string {
  return sha256(key).toString('hex');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * The key of a request: Basic user name (with or without the colon), else `writeKey` of the body. A
 * Bearer token is another credential in this protocol and says nothing about the key.
 */
export function keyOf(
  authorization: string | undefined,
  body: JsonObject | undefined,
): string | undefined {
  const basic = /^basic\s+([a-z0-9+/=_-]+)$/i.exec(authorization?.trim() ?? '');
  const user = Buffer.from(basic?.[1] ?? '', 'base64')
    .toString('utf8')
    .split(':')[0];
  if (user) return user;
  const stated = body?.['writeKey'];
  return typeof stated === 'string' ? stated : undefined;
}
