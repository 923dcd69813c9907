// Which key a request carries and whether it is one of ours. Only hashes are kept; they are compared in
// constant time, and all of them, so that timing says nothing about any.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Settings } from './settings.ts';

export interface WriteKey {
  readonly kind: 'server' | 'client';
}

export interface WriteKeys {
  /** Undefined: not one of ours, or expired. */
  find(key: string, now: number): WriteKey | undefined;
}

interface KnownKey {
  readonly hash: Buffer;
  readonly kind: 'server' | 'client';
  readonly expiresAt: number;
}

export function createWriteKeys(settings: Settings): WriteKeys {
  const known: KnownKey[] = settings.writeKeys.map(({ key, hash, kind, expiresAt }) => ({
    hash: hash === undefined ? sha256(key ?? '') : Buffer.from(hash.slice('sha256:'.length), 'hex'),
    kind,
    expiresAt: expiresAt === undefined ? Infinity : Date.parse(expiresAt),
  }));
  return {
    find(key, now) {
      const hash = sha256(key);
      let found: KnownKey | undefined;
      for (const candidate of known) {
        if (timingSafeEqual(candidate.hash, hash) && candidate.expiresAt > now) found = candidate;
      }
      return found && { kind: found.kind };
    },
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * The key of a request: Basic user name (with or without the colon), else `writeKey` of the body. A
 * Bearer token is another credential in this protocol and says nothing about the key.
 */
export function keyOf(authorization: string | undefined, body: unknown): string | undefined {
  const basic = /^basic\s+([a-z0-9+/=_-]+)$/i.exec(authorization?.trim() ?? '');
  if (basic?.[1] !== undefined) {
    const [user] = Buffer.from(basic[1], 'base64').toString('utf8').split(':');
    if (user) return user;
  }
  if (typeof body !== 'object' || body === null || !('writeKey' in body)) return undefined;
  return typeof body.writeKey === 'string' ? body.writeKey : undefined;
}
