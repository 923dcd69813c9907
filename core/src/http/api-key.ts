// The form of API keys and how they are compared. A key's secret is 256 random bits: nobody finds it
// by guessing, so its SHA-256 is kept and no slow hash is needed; slow hashes are for passwords.
import { createHash, timingSafeEqual } from 'node:crypto';

export interface ApiKeyText {
  readonly id: string;
  readonly secret: string;
}

const idBytes = 6;
const secretBytes = 32;
const form = /^tk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

/** Cryptographically random bytes. */
export type RandomBytes = (size: number) => Uint8Array;

export function makeApiKey(randomBytes: RandomBytes): ApiKeyText {
  return {
    id: Buffer.from(randomBytes(idBytes)).toString('hex'),
    secret: Buffer.from(randomBytes(secretBytes)).toString('base64url'),
  };
}

export function formatApiKey({ id, secret }: ApiKeyText): string {
  return `tk_${id}_${secret}`;
}

/** undefined: it is none. */
export function parseApiKey(text: string): ApiKeyText | undefined {
  const [, id, secret] = form.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** The id is hashed along, so that the row of one key never fits another. */
export function hashApiKey({ id, secret }: ApiKeyText): Uint8Array {
  return createHash('sha256').update(`${id}.${secret}`).digest();
}

/** In constant time. */
export function isSameHash(left: Uint8Array, right: Uint8Array): boolean {
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
