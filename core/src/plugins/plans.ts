// SQL of plugins that held the hub's thread.
import { statement } from '../store/store.ts';

export const upsertHangText = `
  INSERT INTO plugin_quarantine (instance, at, place, print) VALUES ($1, $2::timestamptz, $3, $4)
  ON CONFLICT (instance) DO UPDATE SET at = excluded.at, place = excluded.place, print = excluded.print`;

export const upsertHang = statement('plugins.upsert_hang', upsertHangText);

export const selectHangs = statement(
  'plugins.select_hangs',
  'SELECT instance, at, place, print FROM plugin_quarantine ORDER BY instance',
);

export const deleteHangs = statement(
  'plugins.delete_hangs',
  'DELETE FROM plugin_quarantine WHERE instance = ANY($1::text[])',
);
