// A head says: at this time the log had so many entries and this chain. Signed and kept outside the
// store, it shows later that nothing before it was rewritten or cut off.
import { sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isJsonObject } from '@tributary/sdk';
import type { AuditHead } from './append.ts';
import { canonicalJson } from './canonical.ts';
import { keyIdOf, type HeadKey } from './head-key.ts';

const type = 'tributary-audit-head-1';

export interface SignedHead {
  /** Part of what is signed: the key's signatures stand for heads and nothing else. */
  readonly type: typeof type;
  readonly size: number;
  /** The chain at that size, in hex. */
  readonly hash: string;
  /** ISO 8601. */
  readonly time: string;
  /** Which key signed it. */
  readonly key: string;
  /** Ed25519 over the canonical JSON of the fields above, in base64. */
  readonly signature: string;
}

export function signHead(head: AuditHead, at: number, key: HeadKey): SignedHead {
  const statement = {
    type,
    size: head.size,
    hash: Buffer.from(head.chain).toString('hex'),
    time: new Date(at).toISOString(),
    key: key.id,
  } as const;
  const signature = sign(null, Buffer.from(canonicalJson(statement)), key.privateKey);
  return { ...statement, signature: signature.toString('base64') };
}

export function isSignedBy(head: SignedHead, publicKey: KeyObject): boolean {
  const { signature, ...statement } = head;
  if (head.key !== keyIdOf(publicKey)) return false;
  const bytes = Buffer.from(canonicalJson(statement));
  return verify(null, bytes, publicKey, Buffer.from(signature, 'base64'));
}

/** Reads a head and checks its signature. Throws AUDIT_HEAD_INVALID or AUDIT_HEAD_FORGED. */
export async function loadSignedHead(file: string, publicKey: KeyObject): Promise<SignedHead> {
  const head = parseHead(await readFile(file, 'utf8'), file);
  if (isSignedBy(head, publicKey)) return head;
  throw new Error(
    `AUDIT_HEAD_FORGED: ${file}: its signature is not by key ${keyIdOf(publicKey)}, expected that of the hub. Use the public key that was kept with the heads, or a copy of the head from elsewhere.`,
  );
}

export function parseHead(text: string, where: string): SignedHead {
  const value = attempt(text);
  if (isJsonObject(value) && value['type'] === type) {
    const { size, hash, time, key, signature } = value;
    if (
      typeof size === 'number' &&
      typeof hash === 'string' &&
      typeof time === 'string' &&
      typeof key === 'string' &&
      typeof signature === 'string'
    ) {
      return { type, size, hash, time, key, signature };
    }
  }
  throw new Error(
    `AUDIT_HEAD_INVALID: ${where}: found something else, expected a signed head of the audit log. Name a file that the hub wrote into its heads folder.`,
  );
}

function attempt(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
