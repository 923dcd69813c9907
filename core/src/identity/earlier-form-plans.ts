// The statements over identifiers that no record names any more.
import { statement } from '../store/store.ts';

/**
 * $1, $2: after this id, at most so many are looked at; the last of them is answered in any case. Those of
 * before may stand behind a destination's keys, in what it was shown, or for an id that was handed out.
 */
export const selectUnnamed = statement(
  'identity.select_unnamed',
  `WITH slice AS (
     SELECT id, hash, namespace, value, first_at FROM identifier
     WHERE id > $1::bigint ORDER BY id LIMIT $2
   )
   SELECT i.id, i.hash, i.namespace, i.value, i.first_at < 'infinity' AS named,
     EXISTS (SELECT FROM disclosure d WHERE d.identifier_hash = i.hash)
       OR EXISTS (SELECT FROM handed_out h WHERE h.identifier_id = i.id)
       OR EXISTS (SELECT FROM plan_state s
         JOIN key_holder h ON h.instance = s.instance AND h.identifier_id = i.id)
       OR EXISTS (SELECT FROM plan_state s
         JOIN episode e ON e.instance = s.instance AND e.identifier_id = i.id) AS needed
   FROM slice i WHERE i.first_at = 'infinity' OR i.id = (SELECT max(id) FROM slice)
   ORDER BY i.id`,
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

/** $1 to $3: erasures of the forms of now. Their earlier forms go with them, unless something newer was said by them. */
export const eraseEarlierForms = statement(
  'identity.erase_earlier_forms',
  erasing(
    `SELECT i.id, i.hash, q.hash AS now_hash, q.at, q.number
     FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) AS q(hash, at, number)
     JOIN identifier i ON i.now_hash = q.hash AND i.last_at <= q.at`,
  ),
);

/**
 * The same where the erasure was resolved before it was known whose form it is. $1, $2: identifiers that no
 * record names, and their form of now.
 */
export const eraseUnnamed = statement(
  'identity.erase_unnamed',
  erasing(
    `SELECT i.id, i.hash, q.hash AS now_hash, e.at, e.number
     FROM unnest($1::bigint[], $2::uuid[]) AS q(id, hash)
     JOIN erasure e ON e.identifier_hash = q.hash
     JOIN identifier i ON i.id = q.id AND i.first_at = 'infinity' AND i.last_at <= e.at`,
  ),
);

/** @param forms id, hash, now_hash, at and number of what goes. */
function erasing(forms: string): string {
  return `WITH gone AS (
     ${forms}
   ), noted AS (
     INSERT INTO erasure (identifier_hash, at, number, now_hash)
     SELECT hash, at, number, now_hash FROM gone ORDER BY hash
     ON CONFLICT (identifier_hash) DO UPDATE SET at = EXCLUDED.at, number = EXCLUDED.number,
       now_hash = EXCLUDED.now_hash
     WHERE EXCLUDED.at > erasure.at
   ), handed AS (
     DELETE FROM handed_out h USING gone g WHERE h.identifier_id = g.id
   )
   DELETE FROM identifier i USING gone g WHERE i.id = g.id`;
}
