// The key that heads are signed with. The private half stays with the hub, readable by its owner
// alone; the public half goes with the heads, so that a stranger can check them.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createFileOnce } from './write-file.ts';

export interface HeadKey {
  /** The first 64 bits of SHA-256 over the public key, in hex. */
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Makes the key at the first start. Of two processes that start at once both get the same one. */
export async function loadHeadKey(file: string): Promise<HeadKey> {
  await mkdir(dirname(file), { recursive: true });
  const { privateKey } = generateKeyPairSync('ed25519');
  await createFileOnce(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  return parseHeadKey(await readFile(file, 'utf8'), file);
}

/** @param where names the setting or file in errors; the key itself never appears in one. */
export function parseHeadKey(pem: string, where: string): HeadKey {
  const privateKey = parseOr(() => createPrivateKey(pem), where, 'private');
  const publicKey = createPublicKey(privateKey);
  return { id: keyIdOf(publicKey), privateKey, publicKey };
}

export function parsePublicKey(pem: string, where: string): KeyObject {
  return parseOr(() => createPublicKey(pem), where, 'public');
}

export function publicKeyPem(key: HeadKey): string {
  return key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

export function keyIdOf(publicKey: KeyObject): string {
  const bytes = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

function parseOr(parse: () => KeyObject, where: string, half: string): KeyObject {
  const key = attempt(parse);
  if (key?.asymmetricKeyType === 'ed25519') return key;
  const found = key?.asymmetricKeyType ?? 'no readable key';
  throw new Error(
    `AUDIT_KEY_INVALID: ${where}: found ${found}, expected an Ed25519 ${half} key in PEM. Make one with \`openssl genpkey -algorithm ed25519\`.`,
  );
}

function attempt(parse: () => KeyObject): KeyObject | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
