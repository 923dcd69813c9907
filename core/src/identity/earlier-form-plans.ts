// The statements over identifiers that no record names any more.
import { statement } from '../store/store.ts';

/** Those of before may stand behind a destination's keys, in what it was shown, or for an id that was handed out. */
export const selectUnnamed = statement(
  'identity.select_unnamed',
  `SELECT i.id, i.hash, i.namespace, i.value,
     EXISTS (SELECT FROM disclosure d WHERE d.identifier_hash = i.hash)
       OR EXISTS (SELECT FROM handed_out h WHERE h.identifier_id = i.id)
       OR EXISTS (SELECT FROM plan_state s
         JOIN key_holder h ON h.instance = s.instance AND h.identifier_id = i.id)
       OR EXISTS (SELECT FROM plan_state s
         JOIN episode e ON e.instance = s.instance AND e.identifier_id = i.id) AS needed
   FROM identifier i WHERE i.first_at = 'infinity' AND i.id > $1 ORDER BY i.id LIMIT $2`,
);

export const deleteUnnamed = statement(
  'identity.delete_unnamed',
  `DELETE FROM identifier WHERE id = ANY($1::bigint[]) AND first_at = 'infinity'`,
);

export const noteForms = statement(
  'identity.note_forms',
  `UPDATE identifier i SET now_hash = q.hash
   FROM unnest($1::bigint[], $2::uuid[]) AS q(id, hash)
   JOIN identifier n ON n.hash = q.hash AND n.first_at < 'infinity'
   WHERE i.id = q.id`,
);

/** Earlier forms of erased identifiers, unless something newer was said by them. */
export const eraseEarlierForms = statement(
  'identity.erase_earlier_forms',
  `WITH gone AS (
     SELECT i.id, i.hash, q.hash AS now_hash, q.at, q.number
     FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) AS q(hash, at, number)
     JOIN identifier i ON i.now_hash = q.hash AND i.last_at <= q.at
   ), noted AS (
     INSERT INTO erasure (identifier_hash, at, number, now_hash)
     SELECT hash, at, number, now_hash FROM gone ORDER BY hash
     ON CONFLICT (identifier_hash) DO UPDATE SET at = EXCLUDED.at, number = EXCLUDED.number,
       now_hash = EXCLUDED.now_hash
     WHERE EXCLUDED.at > erasure.at
   ), handed AS (
     DELETE FROM handed_out h USING gone g WHERE h.identifier_id = g.id
   )
   DELETE FROM identifier i USING gone g WHERE i.id = g.id`,
);
