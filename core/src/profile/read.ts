// Reads of one profile for people: its folded traits with where each comes from, and what happened.
import type { JsonObject } from '@tributary/sdk';
import { isoTime, type Queryable } from '../store/store.ts';
import type { FoldedTrait } from './accumulator.ts';
import { readState } from './fold-traits.ts';
import { selectHistory, selectProfile } from './plans.ts';
import { loadStates } from './refresh-profiles.ts';
import type { ProfileSettings } from './settings.ts';

export interface ProfileRead {
  readonly traits: ReadonlyMap<string, FoldedTrait>;
  /** As of the last evaluation. */
  readonly computed: JsonObject;
  /** When time alone may next change `computed` or a membership; undefined: never. */
  readonly checkAt: number | undefined;
}

export async function readProfile(
  queryable: Queryable,
  id: string,
  settings: ProfileSettings,
): Promise<ProfileRead | undefined> {
  const [row] = await queryable.query<{ computed: JsonObject; check_at: number | null }>(
    selectProfile,
    [id],
  );
  if (!row) return undefined;
  const states = await loadStates(queryable, [id], settings);
  const traits = readState(states.get(id) ?? {}, settings);
  return { traits, computed: row.computed, checkAt: row.check_at ?? undefined };
}

export interface HistoryEntry {
  readonly type: string;
  readonly name: string;
  readonly at: number;
  readonly number: number;
  readonly source: string;
  readonly properties: JsonObject;
}

/** Newest first. @param before the last one seen; undefined: from the newest. */
export function readHistory(
  queryable: Queryable,
  id: string,
  before: { readonly at: number; readonly number: number } | undefined,
  limit: number,
): Promise<HistoryEntry[]> {
  const { at, number } = before ?? { at: Infinity, number: Number.MAX_SAFE_INTEGER };
  return queryable.query<HistoryEntry>(selectHistory, [id, isoTime(at), number, limit]);
}
