// The deployment's key: everything that is looked up by a keyed hash depends on it. It comes from
// config, or is made once beside an embedded store; a store that is under another key is refused.
import { statement, type Queryable, type Store, type Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import { decodeKey, makeKeyFile, readNextKeyFile, takeNextKeyFile } from './key-file.ts';
import { createDeploymentKeys, createKeyStep, type DeploymentKeys } from './keys.ts';
import { openKey, sealKey } from './sealed-key.ts';

/** @param given base64 from config. @param folder of an embedded store; undefined: the key must be given. */
export async function loadDeploymentKey(
  given: string | undefined,
  folder: string | undefined,
): Promise<Uint8Array> {
  if (given !== undefined) return decodeKey(given, 'hub.key');
  if (folder !== undefined) return makeKeyFile(folder);
  throw new Error(
    'DEPLOYMENT_KEY_MISSING: hub.key: none, 32 bytes in base64 are needed with a server store. Make one with `openssl rand -base64 32` and refer to it.',
  );
}

/** The same, for a store that is open. A key file whose store is under the next key is brought up to it. */
export async function openDeploymentKeys(
  store: Store,
  given: string | undefined,
  folder: string | undefined,
): Promise<DeploymentKeys> {
  const next = given === undefined && folder !== undefined && (await readNextKeyFile(folder));
  if (next && createKeyStep(next).fingerprint === (await readFingerprint(store))) {
    await takeNextKeyFile(folder);
  }
  return bindKeyToStore(store, await loadDeploymentKey(given, folder));
}

const keepFingerprint = statement(
  'standardise.keep_fingerprint',
  `INSERT INTO setting (name, value) VALUES ('deployment_key', to_jsonb($1::text))
   ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING value`,
);

const selectFingerprint = statement(
  'standardise.select_fingerprint',
  `SELECT value #>> '{}' AS fingerprint FROM setting WHERE name = 'deployment_key'`,
);

const writeFingerprint = statement(
  'standardise.write_fingerprint',
  `UPDATE setting SET value = to_jsonb($1::text) WHERE name = 'deployment_key'`,
);

const selectEarlier = statement(
  'standardise.select_earlier_keys',
  `SELECT sealed FROM earlier_key ORDER BY place`,
);

const writeEarlier = statement(
  'standardise.write_earlier_keys',
  `INSERT INTO earlier_key (place, sealed, retired_at)
   SELECT place, sealed, $2::timestamptz
   FROM unnest($1::bytea[]) WITH ORDINALITY AS k(sealed, place)
   ON CONFLICT (place) DO UPDATE SET sealed = excluded.sealed`,
);

const isUnderKey = statement(
  'standardise.is_under_key',
  `SELECT 1 FROM setting WHERE name = 'deployment_key' AND value = to_jsonb($1::text)`,
);

/** Throws where the store is under another key: nothing in it could be found again. */
export async function bindKeyToStore(store: Store, key: Uint8Array): Promise<DeploymentKeys> {
  const { fingerprint } = createKeyStep(key);
  const [row] = await store.query<{ value: string }>('background', keepFingerprint, [fingerprint]);
  if (row?.value !== fingerprint) throw wrongKey();
  const keys = await store.transaction('background', (transaction) =>
    readEarlierKeys(transaction, key),
  );
  store.guardConnections?.(isUnderKey, [fingerprint], wrongKey().message);
  return createDeploymentKeys(key, keys);
}

/** Undefined in a store that no hub has started on yet. */
export async function readFingerprint(store: Store): Promise<string | undefined> {
  const [row] = await store.query<{ fingerprint: string }>('background', selectFingerprint);
  return row?.fingerprint;
}

/** The keys of before, the first first. */
export async function readEarlierKeys(
  queryable: Queryable,
  key: Uint8Array,
): Promise<Uint8Array[]> {
  const rows = await queryable.query<{ sealed: Uint8Array }>(selectEarlier);
  return rows.map(({ sealed }) => openKey(sealed, key));
}

/** The store is under `key` from this transaction on. All that is hashed must be brought along in it. */
export async function retireKeys(
  transaction: Transaction,
  earlier: readonly Uint8Array[],
  key: Uint8Array,
  at: number,
): Promise<void> {
  await transaction.query(writeEarlier, [earlier.map((one) => sealKey(one, key)), isoTime(at)]);
  await transaction.query(writeFingerprint, [createKeyStep(key).fingerprint]);
}

function wrongKey(): Error {
  return new Error(
    'DEPLOYMENT_KEY_WRONG: hub.key: not the key this store is under. Give that one back; where this is to be the next one, stop all hubs and run `tributary rekey`.',
  );
}
