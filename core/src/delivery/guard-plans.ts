// The statements of the guards.
import { statement } from '../store/store.ts';

/** A window that is over begins anew with the size of now. */
export const openGuardWindow = statement(
  'guard.open_window',
  `INSERT INTO guard_window (instance, list, since, size) VALUES ($1, $2, $3::timestamptz, $4)
   ON CONFLICT (instance, list) DO UPDATE SET
     since = CASE WHEN guard_window.since < $5::timestamptz THEN EXCLUDED.since
                  ELSE guard_window.since END,
     size = CASE WHEN guard_window.since < $5::timestamptz THEN EXCLUDED.size
                 ELSE guard_window.size END
   RETURNING size`,
);

/** The sizes of lists when their window began; a window that is over says nothing. */
export const selectGuardWindows = statement(
  'guard.select_windows',
  `SELECT list, size FROM guard_window WHERE instance = $1 AND since >= $2::timestamptz`,
);

export const clearGuardWindows = statement(
  'guard.clear_windows',
  `DELETE FROM guard_window WHERE instance = $1`,
);

/** Audiences that are being computed: until that is done nobody is known to be missing from them. */
export const selectComputing = statement(
  'guard.select_computing',
  `SELECT name FROM audience
   WHERE name = ANY($1::text[]) AND (computing_after IS NOT NULL OR computed_at IS NULL)`,
);
