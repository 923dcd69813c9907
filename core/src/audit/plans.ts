// The statements of the audit log.
import { command, statement } from '../store/store.ts';

/** Writers take turns from here to the commit. */
export const lockHead = statement(
  'audit.lock_head',
  `SELECT size, chain FROM audit_head FOR UPDATE`,
);

export const insertEntries = command(
  'audit.insert_entries',
  `WITH head AS (
     UPDATE audit_head SET size = $6, chain = $7
   )
   INSERT INTO audit (number, at, entry, leaf, chain)
   SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::bytea[], $5::bytea[])`,
);

export const selectHead = statement('audit.select_head', `SELECT size, chain FROM audit_head`);

export const selectPage = statement(
  'audit.select_page',
  `SELECT number, at, entry, leaf, chain FROM audit WHERE number > $1 ORDER BY number LIMIT $2`,
);

export const selectTail = statement(
  'audit.select_tail',
  `SELECT entry FROM audit WHERE number < $1 ORDER BY number DESC LIMIT $2`,
);
