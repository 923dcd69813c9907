// The deployment's key: everything that is looked up by a keyed hash depends on it. It comes from
// config, or is made once beside an embedded store; a store made with another key is refused.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { statement, type Store } from '../store/store.ts';
import { createDeploymentKeys, type DeploymentKeys } from './keys.ts';

const keyBytes = 32;

/** @param given base64 from config. @param folder of an embedded store; undefined: the key must be given. */
export async function loadDeploymentKey(
  given: string | undefined,
  folder: string | undefined,
): Promise<Uint8Array> {
  if (given !== undefined) return decodeKey(given, 'hub.key');
  if (folder === undefined) {
    throw new Error(
      'DEPLOYMENT_KEY_MISSING: hub.key: none, 32 bytes in base64 are needed with a server store. Make one with `openssl rand -base64 32` and refer to it.',
    );
  }
  const file = join(folder, 'deployment.key');
  await createKeyFile(file, folder);
  return decodeKey(await readFile(file, 'utf8'), file);
}

/** Written whole and on disk before anything depends on it; an existing one is never touched. */
async function createKeyFile(file: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(`${randomBytes(keyBytes).toString('base64')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(file, 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function decodeKey(text: string, where: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.byteLength >= keyBytes) return key;
  throw new Error(
    `DEPLOYMENT_KEY_SHORT: ${where}: ${key.byteLength} bytes, at least ${keyBytes} in base64 are needed. Make one with \`openssl rand -base64 32\`.`,
  );
}

const keepFingerprint = statement(
  'standardise.keep_fingerprint',
  `INSERT INTO setting (name, value) VALUES ('deployment_key', to_jsonb($1::text))
   ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING value`,
);

/** Throws where the store was made with another key: nothing in it could be found again. */
export async function bindKeyToStore(store: Store, key: Uint8Array): Promise<DeploymentKeys> {
  const keys = createDeploymentKeys(key);
  const [row] = await store.query<{ value: string }>('background', keepFingerprint, [
    keys.fingerprint,
  ]);
  if (row?.value === keys.fingerprint) return keys;
  throw new Error(
    'DEPLOYMENT_KEY_WRONG: hub.key: not the key this store was made with. Give the first one back, or start with an empty store.',
  );
}
