// The statements of API keys.
import { statement } from '../store/store.ts';

/** Two hubs that start at once take turns. */
export const lockKeys = statement(
  'http.lock_keys',
  `LOCK TABLE api_key IN SHARE ROW EXCLUSIVE MODE`,
);

export const selectAnyKey = statement('http.select_any_key', `SELECT id FROM api_key LIMIT 1`);

export const insertKey = statement(
  'http.insert_key',
  `INSERT INTO api_key (id, hash, role, label, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5::timestamptz, $6::timestamptz)`,
);

export const selectKey = statement(
  'http.select_key',
  `SELECT id, hash, role, label, created_at, expires_at, revoked_at FROM api_key WHERE id = $1`,
);

export const selectKeys = statement(
  'http.select_keys',
  `SELECT id, hash, role, label, created_at, expires_at, revoked_at FROM api_key
   ORDER BY created_at, id LIMIT 1000`,
);

export const revokeKey = statement(
  'http.revoke_key',
  `UPDATE api_key SET revoked_at = $2::timestamptz WHERE id = $1 AND revoked_at IS NULL
   RETURNING id`,
);
