// The statements that several parts of delivery share: the books, dead letters and an instance's
// state. What only one part uses stands in that part's own plans.
import { statement } from '../store/store.ts';

export const addToBooks = statement(
  'delivery.add_to_books',
  `INSERT INTO book (instance, list, kind, planned, delivered, filtered, rejected, superseded)
   SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
     $7::bigint[], $8::bigint[])
   ON CONFLICT (instance, list, kind) DO UPDATE SET
     planned = book.planned + EXCLUDED.planned, delivered = book.delivered + EXCLUDED.delivered,
     filtered = book.filtered + EXCLUDED.filtered, rejected = book.rejected + EXCLUDED.rejected,
     superseded = book.superseded + EXCLUDED.superseded`,
);

/** One statement, one snapshot: the counters and the rows that are open belong together. */
export const selectBooks = statement(
  'delivery.select_books',
  `WITH open AS (
     SELECT list, CASE WHEN list = '' THEN 'profile' ELSE 'audience' END AS kind,
       count(*) FILTER (WHERE presence = 'in_doubt') AS in_doubt,
       count(*) FILTER (WHERE presence <> 'in_doubt') AS pending
     FROM ledger WHERE instance = $1 AND status IN ('due', 'sending', 'polling') GROUP BY list
     UNION ALL
     SELECT name, 'action', count(*) FILTER (WHERE status = 'in_doubt'),
       count(*) FILTER (WHERE status <> 'in_doubt')
     FROM action
     WHERE instance = $1 AND status IN ('due', 'sending', 'polling', 'in_doubt') GROUP BY name
     UNION ALL
     SELECT '', 'event', count(*) FILTER (WHERE status = 'in_doubt'),
       count(*) FILTER (WHERE status <> 'in_doubt')
     FROM forward WHERE instance = $1 HAVING count(*) > 0
   )
   SELECT coalesce(b.list, o.list) AS list, coalesce(b.kind, o.kind) AS kind,
     coalesce(b.planned, 0) AS planned, coalesce(b.delivered, 0) AS delivered,
     coalesce(b.filtered, 0) AS filtered, coalesce(b.rejected, 0) AS rejected,
     coalesce(b.superseded, 0) AS superseded,
     coalesce(o.in_doubt, 0) AS "inDoubt", coalesce(o.pending, 0) AS pending
   FROM (SELECT * FROM book WHERE instance = $1) b
   FULL JOIN open o ON o.list = b.list AND o.kind = b.kind
   ORDER BY 2, 1`,
);

export const insertDeadLetters = statement(
  'delivery.insert_dead_letters',
  `INSERT INTO dead_letter (instance, stage, kind, list, key_hash, identifier_id, number, action_id,
     code, message, at)
   SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::bigint[],
     $7::bigint[], $8::uuid[], $9::text[], $10::text[], $11::timestamptz[])`,
);

const selectedLetters = `($1::text IS NULL OR instance = $1)
     AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR kind = $3)
     AND ($4::text IS NULL OR stage = $4) AND ($5::text IS NULL OR code = $5)
     AND ($6::text IS NULL OR list = $6) AND ($7::bigint[] IS NULL OR id = ANY($7::bigint[]))
     AND ($8::timestamptz IS NULL OR at >= $8) AND ($9::timestamptz IS NULL OR at < $9)`;

export const selectDeadLetters = statement(
  'delivery.select_dead_letters',
  `SELECT id, instance, stage, kind, list, key_hash AS "keyHash", identifier_id AS "identifierId",
     number, action_id AS "actionId", code, message, at, state, settled_at AS "settledAt",
     settled_reason AS "settledReason"
   FROM dead_letter
   WHERE ${selectedLetters} AND id > $10 AND ($11::bigint IS NULL OR id <= $11)
   ORDER BY id LIMIT $12`,
);

export const countLetters = statement(
  'delivery.count_dead_letters',
  `SELECT count(*) AS count, coalesce(max(id), 0) AS "lastId"
   FROM dead_letter WHERE ${selectedLetters}`,
);

export const settleDeadLetters = statement(
  'delivery.settle_dead_letters',
  `UPDATE dead_letter SET state = $2, settled_at = $3::timestamptz, settled_reason = $4
   WHERE id = ANY($1::bigint[]) AND state = 'open'`,
);

export const selectInstanceState = statement(
  'delivery.select_instance_state',
  `SELECT state, code, message, since, guard_approved_until AS "approvedUntil"
   FROM instance_state WHERE instance = $1`,
);

export const upsertInstanceState = statement(
  'delivery.upsert_instance_state',
  `INSERT INTO instance_state (instance, state, code, message, since)
   VALUES ($1, $2, $3, $4, $5::timestamptz)
   ON CONFLICT (instance) DO UPDATE SET state = EXCLUDED.state, code = EXCLUDED.code,
     message = EXCLUDED.message, since = EXCLUDED.since`,
);

/** What the hub decides by itself: it stops only what runs. No row: it had been stopped before. */
export const stopRunning = statement(
  'delivery.stop_running',
  `INSERT INTO instance_state (instance, state, code, message, since)
   VALUES ($1, $2, $3, $4, $5::timestamptz)
   ON CONFLICT (instance) DO UPDATE SET state = EXCLUDED.state, code = EXCLUDED.code,
     message = EXCLUDED.message, since = EXCLUDED.since
   WHERE instance_state.state = 'running'
   RETURNING instance`,
);

/** $2, $3: the very pause that is to end. No row: it stands no more, or another has taken its place. */
export const endPause = statement(
  'delivery.end_pause',
  `UPDATE instance_state SET state = 'running', code = NULL, message = NULL, since = $4::timestamptz
   WHERE instance = $1 AND state = 'paused' AND code = $2 AND since = $3::timestamptz
   RETURNING instance`,
);

export const approveGuard = statement(
  'delivery.approve_guard',
  `INSERT INTO instance_state (instance, state, since, guard_approved_until)
   VALUES ($1, 'running', $2::timestamptz, $3::timestamptz)
   ON CONFLICT (instance) DO UPDATE SET guard_approved_until = EXCLUDED.guard_approved_until,
     state = CASE WHEN instance_state.state = 'guarded' THEN 'running' ELSE instance_state.state END,
     code = CASE WHEN instance_state.state = 'guarded' THEN NULL ELSE instance_state.code END,
     message = CASE WHEN instance_state.state = 'guarded' THEN NULL ELSE instance_state.message END,
     since = CASE WHEN instance_state.state = 'guarded' THEN EXCLUDED.since
                  ELSE instance_state.since END`,
);
