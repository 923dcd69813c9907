// What the API asks of the store beyond what the rooms publish.
import { statement } from '../../store/store.ts';

export const selectMemberships = statement(
  'http.select_memberships',
  `SELECT audience, since, cause FROM membership WHERE profile_id = $1 ORDER BY audience`,
);

export const selectDeliveries = statement(
  'http.select_deliveries',
  `WITH mine AS (
     SELECT id FROM identifier WHERE profile_id = $1
     UNION SELECT c.identifier_id FROM contact c
       JOIN profile_subject ps ON ps.subject_id = c.subject_id WHERE ps.profile_id = $1
   )
   SELECT instance, CASE list WHEN '' THEN 'profile' ELSE 'audience' END AS kind, list, status,
     presence, reason, changed_at AS at
   FROM ledger WHERE identifier_id IN (SELECT id FROM mine)
   UNION ALL
   SELECT instance, 'action', name, status, NULL, reason, coalesce(settled_at, planned_at)
   FROM action WHERE identifier_id IN (SELECT id FROM mine)
   ORDER BY at DESC LIMIT $2`,
);

export const selectAuditReferences = statement(
  'http.select_audit_references',
  `SELECT i.audit_ref FROM profile_subject ps JOIN identifier i ON i.id = ps.subject_id
   WHERE ps.profile_id = ANY($1::uuid[]) LIMIT 1000`,
);

export const countOpenQuarantine = statement(
  'http.count_open_quarantine',
  `SELECT source, count(*) AS open FROM quarantine WHERE state = 'open' GROUP BY source`,
);

export const selectQuarantineEntry = statement(
  'http.select_quarantine_entry',
  `SELECT q.id, q.source, q.received_at, q.code, q.message, q.number, q.key_id, q.state,
     q.settled_at, q.settled_reason, coalesce(q.payload, e.payload) AS payload
   FROM quarantine q LEFT JOIN event e ON e.number = q.number WHERE q.id = $1`,
);

/** The person whose identifier it is, or the owner of the device that it was about. */
export const selectDeadLetterWhose = statement(
  'http.select_dead_letter_whose',
  `SELECT i.profile_id FROM dead_letter d JOIN identifier i ON i.id = d.identifier_id
   WHERE d.id = $1`,
);

export const countSelectedQuarantine = statement(
  'http.count_selected_quarantine',
  `SELECT count(*) AS count FROM quarantine
   WHERE state = 'open' AND ($1::text IS NULL OR source = $1) AND ($2::text IS NULL OR code = $2)
     AND ($3::timestamptz IS NULL OR received_at >= $3)
     AND ($4::timestamptz IS NULL OR received_at < $4)
     AND ($5::bigint[] IS NULL OR id = ANY($5::bigint[]))`,
);

export const countHeldInstances = statement(
  'http.count_held_instances',
  `SELECT count(*) AS held FROM instance_state WHERE state <> 'running'`,
);

/** Tables with what hangs on them, of this hub's schema alone: a server may hold others. */
export const selectStoreSize = statement(
  'http.select_store_size',
  `SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint AS bytes FROM pg_class
   WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`,
);

export const countStops = statement('http.count_stops', `SELECT count(*) AS stops FROM stop`);
