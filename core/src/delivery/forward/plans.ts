// The statements over forwarded events.
import { statement } from '../../store/store.ts';

export const selectCursor = statement(
  'forward.select_cursor',
  `SELECT position FROM cursor WHERE consumer = $1 FOR UPDATE`,
);

export const upsertCursor = statement(
  'forward.upsert_cursor',
  `INSERT INTO cursor (consumer, position) VALUES ($1, $2)
   ON CONFLICT (consumer) DO UPDATE SET position = EXCLUDED.position`,
);

export type EventStatus = 'due' | 'sending' | 'polling' | 'in_doubt';

export type OpenEvent = {
  readonly number: number;
  readonly status: EventStatus;
  readonly attempts: number;
  readonly reason: string | null;
  readonly plannedAt: number;
  readonly dueAt: number | null;
};

export const selectForward = statement(
  'forward.select',
  `SELECT number, status, attempts, reason, planned_at AS "plannedAt", due_at AS "dueAt"
   FROM forward WHERE instance = $1 AND ($2::text IS NULL OR status = $2)
   ORDER BY number LIMIT $3`,
);

export const countWaiting = statement(
  'forward.count_waiting',
  `SELECT count(*) AS count FROM forward WHERE instance = $1 AND status <> 'in_doubt'`,
);

export const insertForward = statement(
  'forward.insert',
  `INSERT INTO forward (instance, number, lane, status, due_at, planned_at)
   SELECT $1, f.number, f.lane, 'due', $4::timestamptz, $4::timestamptz
   FROM unnest($2::bigint[], $3::uuid[]) AS f(number, lane)
   ON CONFLICT DO NOTHING RETURNING number`,
);

/** The head of each lane, where it is due. What is in doubt and never repeated holds nobody up. */
export const claimHeads = statement(
  'forward.claim_heads',
  `WITH due AS (
     SELECT f.instance, f.number FROM forward f
     WHERE f.instance = $1 AND f.status = 'due' AND f.due_at <= $2::timestamptz
       AND NOT EXISTS (SELECT FROM forward e WHERE e.instance = f.instance AND e.lane = f.lane
         AND e.number < f.number AND e.status <> 'in_doubt')
     ORDER BY f.due_at, f.number LIMIT $3 FOR UPDATE SKIP LOCKED
   )
   UPDATE forward f SET status = 'sending' FROM due
   WHERE f.instance = due.instance AND f.number = due.number
   RETURNING f.number, f.lane, f.attempts`,
);

export const lockForward = statement(
  'forward.lock',
  `SELECT number, lane, attempts FROM forward
   WHERE instance = $1 AND number = ANY($2::bigint[]) AND status = $3 ORDER BY number FOR UPDATE`,
);

export const updateForward = statement(
  'forward.update',
  `UPDATE forward f SET status = q.status, job = q.job, attempts = q.attempts, due_at = q.due_at,
     reason = q.reason
   FROM unnest($2::bigint[], $3::text[], $4::text[], $5::int[], $6::timestamptz[], $7::text[])
     AS q(number, status, job, attempts, due_at, reason)
   WHERE f.instance = $1 AND f.number = q.number`,
);

export const deleteForward = statement(
  'forward.delete',
  `DELETE FROM forward WHERE instance = $1 AND number = ANY($2::bigint[])`,
);

export const recoverForward = statement(
  'forward.recover',
  `UPDATE forward SET status = CASE WHEN $3 THEN 'due' ELSE 'in_doubt' END,
     due_at = CASE WHEN $3 THEN $2::timestamptz END,
     reason = CASE WHEN $3 THEN reason ELSE 'the hub stopped while the request was away' END
   WHERE instance = $1 AND status = 'sending'`,
);

export const selectDueForwardJob = statement(
  'forward.select_due_job',
  `SELECT job FROM forward WHERE instance = $1 AND status = 'polling' AND due_at <= $2::timestamptz
   ORDER BY due_at LIMIT 1`,
);

export const claimForwardJob = statement(
  'forward.claim_job',
  `UPDATE forward SET due_at = $3::timestamptz
   WHERE instance = $1 AND job = $2 AND status = 'polling' RETURNING number, lane, attempts`,
);

export const selectIdsOfHashes = statement(
  'forward.select_ids_of_hashes',
  `SELECT id, hash FROM identifier WHERE hash = ANY($1::uuid[])`,
);
