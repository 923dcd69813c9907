// The statements that gather what is known of one person, page by page.
import { statement } from '../../store/store.ts';

/**
 * Where a subject's facts are; $4..$7: after this one, in the order of the index. By time they would be sorted
 * as a whole for every page.
 */
export const selectFactPlaces = statement(
  'export.select_fact_places',
  `SELECT f.type, f.name, f.at, f.number FROM fact f
   WHERE f.subject_id = $1 AND f.at >= $2::timestamptz AND f.at < $3::timestamptz
     AND (f.type, f.name, f.at, f.number) > ($4, $5, $6::timestamptz, $7::bigint)
   ORDER BY f.type, f.name, f.at, f.number LIMIT $8`,
);

/** The records as they were received. */
export const selectEventsAt = statement(
  'export.select_events_at',
  `SELECT e.type, e.at, e.number, e.source, e.key_id, e.payload, e.received_at
   FROM event e WHERE e.number = ANY($1::bigint[]) ORDER BY e.at DESC, e.number DESC`,
);

/** What was said of her by name. $1: keyed hashes. */
export const selectIdentifies = statement(
  'export.select_identifies',
  `SELECT e.type, '' AS name, e.at, e.number, e.source, e.key_id, e.payload, e.received_at,
     e.message_hash, e.historical
   FROM event e
   WHERE e.subject_hash = ANY($1::uuid[]) AND e.type = 'identify' AND e.number < $2
   ORDER BY e.number DESC LIMIT $3`,
);

export const selectConsents = statement(
  'export.select_consents',
  `SELECT i.namespace, i.value, e.purpose, e.channel, e.status, e.lawful_basis AS "lawfulBasis",
     e.text_version AS "textVersion", e.evidence, e.source, e.jurisdiction,
     e.effective_at AS "effectiveAt", e.recorded_at AS "recordedAt", e.expires_at AS "expiresAt",
     e.number, e.place, e.identifier_id AS id
   FROM profile_subject ps
   JOIN consent_entry e ON e.identifier_id = ps.subject_id
     AND e.effective_at >= ps.from_at AND e.effective_at < ps.to_at
   JOIN identifier i ON i.id = e.identifier_id
   WHERE ps.profile_id = ANY($1::uuid[])
     AND (e.number, e.identifier_id, e.place) > ($2::bigint, $3::bigint, $4::smallint)
   ORDER BY e.number, e.identifier_id, e.place LIMIT $5`,
);

export const selectAudiences = statement(
  'export.select_audiences',
  `SELECT audience, since, cause FROM membership WHERE profile_id = ANY($1::uuid[])
   ORDER BY audience`,
);

/** $1: identifier ids; $2..$4: after this row. */
export const selectStates = statement(
  'export.select_states',
  `SELECT l.instance, l.list, l.namespace, l.value, l.wanted, l.presence, l.status, l.sent, l.reason,
     l.changed_at AS "changedAt", l.key_hash AS "keyHash"
   FROM ledger l
   WHERE l.identifier_id = ANY($1::bigint[])
     AND (l.instance, l.key_hash, l.list) > ($2, $3::uuid, $4)
   ORDER BY l.instance, l.key_hash, l.list LIMIT $5`,
);

export const selectActions = statement(
  'export.select_actions',
  `SELECT a.id, a.instance, a.name, a.audience, a.status, a.reason, a.planned_at AS "plannedAt",
     a.settled_at AS "settledAt"
   FROM action a
   WHERE a.identifier_id = ANY($1::bigint[]) AND (a.planned_at, a.id) < ($2::timestamptz, $3::uuid)
   ORDER BY a.planned_at DESC, a.id DESC LIMIT $4`,
);

export const selectLetters = statement(
  'export.select_letters',
  `SELECT id, instance, stage, kind, list, code, message, at, state FROM dead_letter
   WHERE id > $2 AND (identifier_id = ANY($1::bigint[])
     OR key_hash IN (SELECT key_hash FROM key_holder WHERE identifier_id = ANY($1::bigint[])))
   ORDER BY id LIMIT $3`,
);
