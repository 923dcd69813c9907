// SQL of sources that an operator paused.
import { command, statement } from '../store/store.ts';

export const insertPause = command(
  'sources.insert_pause',
  'INSERT INTO source_pause (source, at) VALUES ($1, $2::timestamptz) ON CONFLICT (source) DO NOTHING',
);

export const deletePause = statement(
  'sources.delete_pause',
  'DELETE FROM source_pause WHERE source = $1 RETURNING source',
);

export const selectPauses = statement('sources.select_pauses', 'SELECT source FROM source_pause');
