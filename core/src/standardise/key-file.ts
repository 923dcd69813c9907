// The deployment key of an embedded store whose config gives none: a file in its folder. While the store is
// brought under another key the next one lies beside it, and takes its place once the store is under it.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileOnce } from '../audit/write-file.ts';
import { syncFolder } from '../store/durable-files.ts';
import { createKeyStep } from './keys.ts';

const keyBytes = 32;
const nameOfKey = 'deployment.key';
const nameOfNext = 'deployment.key.next';

/** Made where there is none; an existing one is never touched. */
export function makeKeyFile(folder: string): Promise<Uint8Array> {
  return makeFile(folder, nameOfKey);
}

/** The same for the key that the folder is to have next. */
export function makeNextKeyFile(folder: string): Promise<Uint8Array> {
  return makeFile(folder, nameOfNext);
}

/** Undefined where there is none. */
export function readKeyFile(folder: string): Promise<Uint8Array | undefined> {
  return readFileOf(folder, nameOfKey);
}

/** Undefined where there is none. */
export function readNextKeyFile(folder: string): Promise<Uint8Array | undefined> {
  return readFileOf(folder, nameOfNext);
}

/**
 * The store is under the next key: it takes its place. The one of before stays, named after the beginning
 * of its fingerprint, since backups of before need it.
 * @returns the file of the key of before.
 */
export async function takeNextKeyFile(folder: string): Promise<string> {
  const file = join(folder, nameOfKey);
  const { fingerprint } = createKeyStep(await makeKeyFile(folder));
  const kept = join(folder, `${nameOfKey}.${fingerprint.slice(0, 8)}`);
  await createFileOnce(kept, await readFile(file), 0o600);
  await rename(join(folder, nameOfNext), file);
  syncFolder(folder);
  return kept;
}

export function decodeKey(text: string, where: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.byteLength >= keyBytes) return key;
  throw new Error(
    `DEPLOYMENT_KEY_SHORT: ${where}: ${key.byteLength} bytes, at least ${keyBytes} in base64 are needed. Make one with \`openssl rand -base64 32\`.`,
  );
}

async function makeFile(folder: string, name: string): Promise<Uint8Array> {
  const file = join(folder, name);
  await mkdir(folder, { recursive: true });
  await createFileOnce(file, `${randomBytes(keyBytes).toString('base64')}\n`, 0o600);
  return decodeKey(await readFile(file, 'utf8'), file);
}

async function readFileOf(folder: string, name: string): Promise<Uint8Array | undefined> {
  const file = join(folder, name);
  try {
    return decodeKey(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
