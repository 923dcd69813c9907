// Remembers who named a shared contact point: it identifies nobody and is held by all of them.
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import type { ContactNaming } from './gather.ts';
import { slices, type Known } from './known.ts';
import { knownOf } from './observe.ts';
import { upsertContacts } from './plans.ts';

/** @returns profiles that may hold one no more: their device named it last in other hands. */
export async function noteContacts(
  transaction: Transaction,
  contacts: readonly ContactNaming[],
  known: Known,
): Promise<string[]> {
  const former: string[] = [];
  for (const slice of slices(contacts)) {
    const rows = await transaction.query<{ profile_id: string }>(upsertContacts, [
      slice.map(({ contact }) => knownOf(contact, known).id),
      slice.map(({ subject }) => knownOf(subject, known).id),
      slice.map(({ at }) => isoTime(at)),
    ]);
    former.push(...rows.map((row) => row.profile_id));
  }
  return former;
}
