// The statements over the ledger.
import { statement } from '../../store/store.ts';

const columns = `instance, list, key_hash AS "keyHash", identifier_id AS "identifierId", namespace,
  value, vendor_key AS "vendorKey", vendor_id AS "vendorId", profile_id AS "profileId", wanted,
  presence, presence_before AS "presenceBefore", status, operation, cause, sent, next, flying, job,
  attempts, due_at AS "dueAt", refresh_by AS "refreshBy", reason, seen_at AS "seenAt",
  planned_at AS "plannedAt", changed_at AS "changedAt"`;

/** Locked in the order of the key, so that writers never wait for each other in a circle. */
export const lockByKeyHash = statement(
  'ledger.lock_by_key_hash',
  `SELECT ${columns} FROM ledger WHERE instance = $1 AND key_hash = ANY($2::uuid[])
   ORDER BY key_hash, list FOR UPDATE`,
);

export const selectByKeyHash = statement(
  'ledger.select_by_key_hash',
  `SELECT ${columns} FROM ledger WHERE instance = $1 AND key_hash = ANY($2::uuid[])`,
);

export const lockRows = statement(
  'ledger.lock_rows',
  `SELECT ${columns} FROM ledger
   WHERE instance = $1 AND list = $2 AND key_hash = ANY($3::uuid[]) AND status = $4
   ORDER BY key_hash FOR UPDATE`,
);

/** $1: rows as JSON, by the columns' own names. */
export const writeRows = statement(
  'ledger.write_rows',
  `INSERT INTO ledger SELECT * FROM json_populate_recordset(null::ledger, $1::json)
   ON CONFLICT (instance, key_hash, list) DO UPDATE SET
     identifier_id = EXCLUDED.identifier_id, namespace = EXCLUDED.namespace,
     value = EXCLUDED.value, vendor_id = EXCLUDED.vendor_id, profile_id = EXCLUDED.profile_id,
     wanted = EXCLUDED.wanted, presence = EXCLUDED.presence,
     presence_before = EXCLUDED.presence_before, status = EXCLUDED.status,
     operation = EXCLUDED.operation, cause = EXCLUDED.cause, sent = EXCLUDED.sent,
     next = EXCLUDED.next, flying = EXCLUDED.flying, job = EXCLUDED.job,
     attempts = EXCLUDED.attempts, due_at = EXCLUDED.due_at, refresh_by = EXCLUDED.refresh_by,
     reason = EXCLUDED.reason, planned_at = EXCLUDED.planned_at, changed_at = EXCLUDED.changed_at`,
);

/** What was erased and is out of the destination leaves no trace here. */
export const dropErased = statement(
  'ledger.drop_erased',
  `WITH gone AS (
     DELETE FROM ledger WHERE instance = $1 AND key_hash = ANY($2::uuid[])
       AND cause = 'erased' AND status = 'settled' AND presence = 'absent' AND NOT wanted
     RETURNING key_hash
   )
   DELETE FROM key_holder h USING gone g WHERE h.instance = $1 AND h.key_hash = g.key_hash
     AND NOT EXISTS (SELECT FROM ledger l WHERE l.instance = $1 AND l.key_hash = h.key_hash
       AND NOT (l.cause = 'erased' AND l.status = 'settled' AND l.presence = 'absent'))`,
);

/** The group to send next: those who said no come first, then what has waited longest. */
export const selectUrgentGroup = statement(
  'ledger.select_urgent_group',
  `SELECT list, operation, cause FROM ledger
   WHERE instance = $1 AND status = 'due' AND cause IN ('consent', 'erased')
     AND due_at <= $2::timestamptz
   ORDER BY due_at LIMIT 1`,
);

export const selectNextGroup = statement(
  'ledger.select_next_group',
  `SELECT list, operation, cause FROM ledger
   WHERE instance = $1 AND status = 'due' AND due_at <= $2::timestamptz
   ORDER BY due_at LIMIT 1`,
);

/** From here on each row may be at the destination: committed before the request leaves. */
export const claimDue = statement(
  'ledger.claim_due',
  `WITH due AS (
     SELECT instance, list, key_hash FROM ledger
     WHERE instance = $1 AND status = 'due' AND due_at <= $2::timestamptz
       AND list = $3 AND operation = $4 AND coalesce(cause = ANY($5::text[]), $5 IS NULL)
     ORDER BY due_at LIMIT $6 FOR UPDATE SKIP LOCKED
   )
   UPDATE ledger l SET status = 'sending', presence_before = l.presence, presence = 'in_doubt',
     flying = CASE WHEN l.operation = 'add' THEN l.next END, changed_at = $2::timestamptz
   FROM due WHERE l.instance = due.instance AND l.list = due.list AND l.key_hash = due.key_hash
   RETURNING l.key_hash AS "keyHash"`,
);

export const selectRows = statement(
  'ledger.select_rows',
  `SELECT ${columns} FROM ledger
   WHERE instance = $1 AND list = $2 AND key_hash = ANY($3::uuid[]) ORDER BY due_at, key_hash`,
);

export const selectDueJob = statement(
  'ledger.select_due_job',
  `SELECT list, operation, job FROM ledger
   WHERE instance = $1 AND status = 'polling' AND due_at <= $2::timestamptz
   ORDER BY due_at LIMIT 1`,
);

/** The question itself is put off first, so that a crash or another worker does not repeat it at once. */
export const claimJob = statement(
  'ledger.claim_job',
  `UPDATE ledger SET due_at = $5::timestamptz
   WHERE instance = $1 AND list = $2 AND job = $3 AND status = 'polling' AND operation = $4
   RETURNING key_hash AS "keyHash"`,
);

/** After a start: what was under way is in doubt already, with what it carried; it becomes due again. */
export const recoverSending = statement(
  'ledger.recover_sending',
  `UPDATE ledger SET status = 'due', due_at = $2::timestamptz,
     sent = CASE WHEN operation = 'add' THEN coalesce(sent, '{}') || coalesce(flying, '{}')
                 ELSE sent END
   WHERE instance = $1 AND status = 'sending'`,
);

export const selectRefreshDue = statement(
  'ledger.select_refresh_due',
  `SELECT key_hash AS "keyHash" FROM ledger
   WHERE instance = $1 AND refresh_by <= $2::timestamptz AND status = 'settled' AND wanted
   ORDER BY refresh_by LIMIT $3`,
);

/** What may be at the destination now, per list. */
export const selectPresent = statement(
  'ledger.select_present',
  `SELECT list, count(*) FILTER (WHERE presence <> 'absent') AS present
   FROM ledger WHERE instance = $1 GROUP BY list`,
);

export const countPresentKeys = statement(
  'ledger.count_present_keys',
  `SELECT count(DISTINCT key_hash) AS count FROM ledger
   WHERE instance = $1 AND presence <> 'absent'`,
);

export const selectListSizes = statement(
  'ledger.select_list_sizes',
  `SELECT list, count(*) FILTER (WHERE presence <> 'absent') AS present,
     count(*) FILTER (WHERE status = 'due' AND operation = 'remove'
       AND cause NOT IN ('consent', 'erased')) AS removals,
     count(*) FILTER (WHERE status = 'due' AND operation = 'add' AND presence = 'absent') AS adds
   FROM ledger WHERE instance = $1 AND list = $2 GROUP BY list`,
);
