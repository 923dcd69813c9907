// The statements that keep logins and the spans that follow from them.
import { command, statement } from '../store/store.ts';

const ownersOf = (devices: string, times: string): string => `
   SELECT q.place, s.person_id, p.profile_id
   FROM unnest(${devices}::bigint[], ${times}::timestamptz[])
     WITH ORDINALITY AS q(device_id, at, place)
   JOIN LATERAL (
     SELECT person_id FROM device_span
     WHERE device_id = q.device_id AND from_at <= q.at ORDER BY from_at DESC LIMIT 1
   ) s ON true
   JOIN identifier p ON p.id = s.person_id`;

/** Who owned the devices at the times; `place` counts from 1. */
export const selectOwners = statement('identity.select_owners', ownersOf('$1', '$2'));

/** Writes logins, and answers as `selectOwners` does: by the spans before the batch. */
export const insertLogins = statement(
  'identity.insert_logins',
  `WITH noted AS (
     INSERT INTO login (device_id, at, person_id, trust, source, message_hash, number)
     SELECT * FROM unnest($3::bigint[], $4::timestamptz[], $5::bigint[], $6::smallint[],
       $7::text[], $8::uuid[], $9::bigint[])
     ON CONFLICT (device_id, at, person_id) DO UPDATE SET trust = EXCLUDED.trust,
       source = EXCLUDED.source, message_hash = EXCLUDED.message_hash, number = EXCLUDED.number
     WHERE (EXCLUDED.trust, EXCLUDED.message_hash) < (login.trust, login.message_hash)
   )${ownersOf('$1', '$2')}`,
);

/** The logins of stretches of devices' times, and of the nearest times before and after. */
export const selectLogins = statement(
  'identity.select_logins',
  `SELECT l.device_id, l.at, l.trust, l.person_id, p.namespace, p.value, p.profile_id
   FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) AS q(device_id, from_at, to_at)
   LEFT JOIN LATERAL (
     SELECT max(at) AS at FROM login WHERE device_id = q.device_id AND at < q.from_at
   ) before ON true
   LEFT JOIN LATERAL (
     SELECT min(at) AS at FROM login WHERE device_id = q.device_id AND at > q.to_at
   ) after ON true
   JOIN login l ON l.device_id = q.device_id
     AND l.at >= coalesce(before.at, q.from_at) AND l.at <= coalesce(after.at, q.to_at)
   JOIN identifier p ON p.id = l.person_id`,
);

/** The spans that overlap stretches of devices' times, or begin where one ends. */
export const selectSpans = statement(
  'identity.select_spans',
  `SELECT s.device_id, s.from_at, s.to_at, s.person_id, p.profile_id
   FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) AS q(device_id, from_at, to_at)
   LEFT JOIN LATERAL (
     SELECT max(from_at) AS from_at FROM device_span
     WHERE device_id = q.device_id AND from_at <= q.from_at
   ) first ON true
   JOIN device_span s ON s.device_id = q.device_id
     AND s.from_at >= coalesce(first.from_at, '-infinity') AND s.from_at <= q.to_at
   LEFT JOIN identifier p ON p.id = s.person_id
   ORDER BY s.device_id, s.from_at`,
);

/** $1, $2: spans that are no more; $3 …: spans to be written. No key is in both. */
export const writeSpans = command(
  'identity.write_spans',
  `WITH gone AS (
     DELETE FROM device_span d
     USING unnest($1::bigint[], $2::timestamptz[]) AS s(device_id, from_at)
     WHERE d.device_id = s.device_id AND d.from_at = s.from_at
   )
   INSERT INTO device_span (device_id, from_at, to_at, person_id)
   SELECT * FROM unnest($3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::bigint[])
   ON CONFLICT (device_id, from_at) DO UPDATE
   SET to_at = EXCLUDED.to_at, person_id = EXCLUDED.person_id`,
);

/** Devices that got their first owner lose their own profile, those that lost their last get it back. */
export const updateOwned = statement(
  'identity.update_owned',
  `UPDATE identifier i SET profile_id = CASE WHEN s.owned THEN NULL ELSE i.latent_id END
   FROM unnest($1::bigint[], $2::boolean[]) AS s(id, owned)
   WHERE i.id = s.id AND i.kind = 'device'
   RETURNING i.id, i.latent_id, s.owned`,
);
