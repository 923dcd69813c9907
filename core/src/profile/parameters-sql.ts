// Collects the parameters of a statement that is put together from a rule: what an operator wrote
// reaches the database only as a parameter, never as text of the statement.
import { isoTime } from '../store/store.ts';

export interface SqlParameters {
  /** The place of a value, cast: `$3::text`. Equal values share a place. */
  bind(value: SqlValue, type: SqlType): string;
  /** A moment, milliseconds since 1970. */
  bindTime(at: number): string;
  readonly values: readonly SqlValue[];
}

export type SqlValue = string | readonly string[];
export type SqlType =
  | 'text'
  | 'text[]'
  | 'numeric'
  | 'jsonb'
  | 'jsonb[]'
  | 'uuid'
  | 'uuid[]'
  | 'timestamptz'
  | 'interval'
  | 'int';

export function createSqlParameters(): SqlParameters {
  const values: SqlValue[] = [];
  const places = new Map<string, string>();
  const bind = (value: SqlValue, type: SqlType): string => {
    const key = JSON.stringify([type, value]);
    const known = places.get(key);
    if (known !== undefined) return known;
    const place = `$${values.push(value)}::${type}`;
    places.set(key, place);
    return place;
  };
  return { values, bind, bindTime: (at) => bind(isoTime(at), 'timestamptz') };
}
