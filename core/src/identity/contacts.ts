// Remembers who named a shared contact point: it identifies nobody and is held by all of them.
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import type { ContactNaming } from './gather.ts';
import { slices, type Known } from './known.ts';
import { knownOf } from './observe.ts';
import { upsertContacts } from './plans.ts';

export interface NotedContacts {
  /** Profiles that may hold one no more: their device named it last in other hands. */
  readonly former: readonly string[];
  /** Profiles that hold one now, or by another time than before. */
  readonly holders: readonly string[];
}

export async function noteContacts(
  transaction: Transaction,
  contacts: readonly ContactNaming[],
  known: Known,
): Promise<NotedContacts> {
  const former: string[] = [];
  const holders: string[] = [];
  for (const slice of slices(contacts)) {
    const rows = await transaction.query<{ profile_id: string; isFormer: boolean }>(
      upsertContacts,
      [
        slice.map(({ contact }) => knownOf(contact, known).id),
        slice.map(({ subject }) => knownOf(subject, known).id),
        slice.map(({ at }) => isoTime(at)),
      ],
    );
    for (const { profile_id, isFormer } of rows) (isFormer ? former : holders).push(profile_id);
  }
  return { former, holders };
}
