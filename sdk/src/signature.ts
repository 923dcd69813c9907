// Who sent a webhook is proven by a signature over the bytes that came in. Every comparison takes the
// same time whatever was sent, and a missing secret is a mistake of ours, never a pass.
import { createHmac, timingSafeEqual } from 'node:crypto';

export type Key = string | Uint8Array;

/** How a vendor writes its signature. */
export interface HmacScheme {
  /** Default `sha256`. */
  readonly algorithm?: 'sha1' | 'sha256' | 'sha512';
  /** Default `hex`. */
  readonly encoding?: 'hex' | 'base64' | 'base64url';
  /** Stands before the encoded signature, e.g. `sha256=`. Default: nothing. */
  readonly prefix?: string;
}

/**
 * Genuine, or why not: `missing` there is none, `malformed` it cannot be read, `stale` it is genuine but old or
 * of the future, `mismatch` no key made it.
 */
export type SignatureVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'missing' | 'malformed' | 'stale' | 'mismatch' };

/** What is signed, in parts that follow each other: `[timestamp, '.', rawBody]`. */
export type SignedText = string | Uint8Array | readonly (string | Uint8Array)[];

/** The signature as its scheme writes it. */
export function signHmac(text: SignedText, key: Key, scheme: HmacScheme = {}): string {
  const digest = digestOf(text, key, scheme).toString(scheme.encoding ?? 'hex');
  return `${scheme.prefix ?? ''}${digest}`;
}

/** A signature that came in, and by what it is judged. Times in milliseconds since 1970. */
export interface HmacCheck extends HmacScheme {
  /** Raw bytes as they came in; never parsed and written again. */
  readonly text: SignedText;
  readonly signature: string | undefined;
  /** All that are valid now: the old and the new one while a secret is being replaced. */
  readonly keys: readonly Key[];
  /** When it was signed, for schemes that sign a time. The time must be part of `text`. */
  readonly signedAt?: {
    readonly at: number | undefined;
    readonly now: number;
    /** Either way. Default 5 minutes. */
    readonly toleranceMs?: number;
  };
}

/**
 * Is the text signed with one of the keys? In constant time.
 * @throws RangeError where there is no key, or an empty one: that is a mistake in config.
 */
export function verifyHmac(check: HmacCheck): SignatureVerdict {
  requireKeys(check.keys);
  if (check.signature === undefined || check.signature === '') return refuse('missing');
  const given = decodeSignature(check.signature, check);
  if (given === undefined) return refuse('malformed');
  const matches = check.keys.map((key) => sameBytes(digestOf(check.text, key, check), given));
  if (!matches.includes(true)) return refuse('mismatch');
  return check.signedAt === undefined || isRecent(check.signedAt) ? { ok: true } : refuse('stale');
}

/** Equal, told in a time that depends on the lengths only. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** @throws RangeError where there is no key, or an empty one. */
export function requireKeys(keys: readonly Key[]): void {
  if (keys.length === 0 || keys.some((key) => key.length === 0)) {
    throw new RangeError('a signature needs a secret, and none (or an empty one) is configured');
  }
}

export const defaultToleranceMs: number = 5 * 60_000;

/** Signed within the tolerance, before or after now. */
export function isRecent(signed: {
  readonly at: number | undefined;
  readonly now: number;
  readonly toleranceMs?: number;
}): boolean {
  const { at, now, toleranceMs = defaultToleranceMs } = signed;
  return at !== undefined && Number.isFinite(at) && Math.abs(now - at) <= toleranceMs;
}

function refuse(reason: 'missing' | 'malformed' | 'stale' | 'mismatch'): SignatureVerdict {
  return { ok: false, reason };
}

function digestOf(text: SignedText, key: Key, scheme: HmacScheme): Buffer {
  const hmac = createHmac(scheme.algorithm ?? 'sha256', key);
  const parts = typeof text === 'string' || text instanceof Uint8Array ? [text] : text;
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

const hexForm = /^[0-9a-f]+$/i;
const base64Form = /^[A-Za-z0-9+/]+={0,2}$/;
const base64UrlForm = /^[A-Za-z0-9_-]+={0,2}$/;
const forms = { hex: hexForm, base64: base64Form, base64url: base64UrlForm };
/** A SHA-512 in hex has 128 characters. */
const longestSignature = 256;

function decodeSignature(signature: string, scheme: HmacScheme): Buffer | undefined {
  const prefix = scheme.prefix ?? '';
  if (!signature.startsWith(prefix) || signature.length > longestSignature) return undefined;
  const encoded = signature.slice(prefix.length);
  const encoding = scheme.encoding ?? 'hex';
  return forms[encoding].test(encoded) ? Buffer.from(encoded, encoding) : undefined;
}
