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

/** $5: why. They hold nobody up. */
export const insertDoubted = statement(
  'forward.insert_doubted',
  `INSERT INTO forward (instance, number, lane, status, planned_at, reason)
   SELECT $1, f.number, f.lane, 'in_doubt', $4::timestamptz, $5
   FROM unnest($2::bigint[], $3::uuid[]) AS f(number, lane)
   ON CONFLICT DO NOTHING RETURNING number`,
);

/** After a restore, before the instance runs: what went out since the backup is not known. */
export const doubtForward = statement(
  'forward.doubt',
  `UPDATE forward SET status = 'in_doubt', due_at = NULL, reason = $2
   WHERE instance = $1 AND status IN ('due', 'sending')`,
);

export const doubtParked = statement(
  'forward.doubt_parked',
  `WITH moved AS (
     DELETE FROM forward_parked p USING (SELECT lane, number FROM forward_parked
       WHERE instance = $1 ORDER BY lane, number LIMIT $4) AS s
     WHERE p.instance = $1 AND p.lane = s.lane AND p.number = s.number
     RETURNING p.lane, p.number
   )
   INSERT INTO forward (instance, number, lane, status, planned_at, reason)
   SELECT $1, number, lane, 'in_doubt', $3::timestamptz, $2 FROM moved
   ON CONFLICT DO NOTHING RETURNING number`,
);

const waitingOf = (lane: string, most: string): string => `(SELECT count(*) FROM (
     SELECT FROM forward f WHERE f.instance = $1 AND f.lane = ${lane} AND f.status <> 'in_doubt'
     LIMIT ${most}) AS w)`;

export type LaneStanding = {
  readonly lane: string;
  /** Counted up to $3. */
  readonly waiting: number;
  /** More of it stands behind those. */
  readonly parked: boolean;
};

export const selectLanes = statement(
  'forward.select_lanes',
  `SELECT q.lane, ${waitingOf('q.lane', '$3')} AS waiting,
     EXISTS (SELECT FROM forward_parked p WHERE p.instance = $1 AND p.lane = q.lane) AS parked
   FROM unnest($2::uuid[]) AS q(lane)`,
);

export interface LaneEvent {
  readonly number: number;
  readonly lane: string;
}

export const insertParked = statement(
  'forward.insert_parked',
  `INSERT INTO forward_parked (instance, lane, number)
   SELECT $1, * FROM unnest($2::uuid[], $3::bigint[]) ON CONFLICT DO NOTHING`,
);

/** Lanes with something parked of which at most $2 wait, one step in the index for each lane. */
export const selectRoomy = statement(
  'forward.select_roomy',
  `WITH RECURSIVE step AS (
     (SELECT lane FROM forward_parked WHERE instance = $1 ORDER BY lane LIMIT 1)
     UNION ALL
     SELECT (SELECT p.lane FROM forward_parked p WHERE p.instance = $1 AND p.lane > s.lane
             ORDER BY p.lane LIMIT 1)
     FROM step s WHERE s.lane IS NOT NULL
   )
   SELECT lane, waiting FROM (
     SELECT lane, ${waitingOf('step.lane', '$2 + 1')} AS waiting FROM step WHERE lane IS NOT NULL
   ) AS s
   WHERE waiting <= $2 ORDER BY waiting, lane LIMIT $3`,
);

/** $3: how many of each lane. */
export const selectParked = statement(
  'forward.select_parked',
  `SELECT p.lane, p.number FROM unnest($2::uuid[], $3::bigint[]) AS q(lane, room)
   CROSS JOIN LATERAL (SELECT f.lane, f.number FROM forward_parked f
     WHERE f.instance = $1 AND f.lane = q.lane ORDER BY f.number LIMIT q.room) AS p`,
);

export const deleteParked = statement(
  'forward.delete_parked',
  `DELETE FROM forward_parked p USING unnest($2::uuid[], $3::bigint[]) AS q(lane, number)
   WHERE p.instance = $1 AND p.lane = q.lane AND p.number = q.number`,
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
  `SELECT number, lane, attempts, taken_at AS "takenAt" FROM forward
   WHERE instance = $1 AND number = ANY($2::bigint[]) AND status = $3 ORDER BY number FOR UPDATE`,
);

export const updateForward = statement(
  'forward.update',
  `UPDATE forward f SET status = q.status, job = q.job, attempts = q.attempts, due_at = q.due_at,
     reason = q.reason, taken_at = CASE
       WHEN q.status <> 'polling' THEN NULL
       WHEN f.status = 'polling' THEN coalesce(f.taken_at, $8::timestamptz)
       ELSE $8::timestamptz END
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
