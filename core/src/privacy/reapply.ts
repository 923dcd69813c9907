// After a start: erasures that the journal holds and the store knows nothing of, because it is a backup
// from before them, are carried out again. Nobody else needs to ask for it.
import { readerOf } from '../store/reader.ts';
import { askErasure } from './ask-erasure.ts';
import type { PersonIdentifier } from './find-person.ts';
import { readJournal, type JournalEntry } from './journal.ts';
import { selectKnownIdentifiers, selectKnownRequests } from './plans.ts';
import { noteRequest } from './requests.ts';
import { suppress } from './suppression.ts';
import type { PrivacyWorld } from './world.ts';

/** Before anything is sent or taken in. @returns how many requests were carried out again. */
export async function reapplyErasures(world: PrivacyWorld): Promise<number> {
  const { journalFolder } = world.settings;
  if (journalFolder === undefined) return 0;
  const entries = await readJournal(journalFolder);
  if (entries.length === 0) return 0;
  const requests = Map.groupBy(entries, ({ request }) => request);
  const rows = await readerOf(world.store).query<{ id: string }>(selectKnownRequests, [
    [...requests.keys()],
  ]);
  for (const { id } of rows) requests.delete(id);
  for (const [id, parts] of requests) await reapply(id, parts, world);
  return requests.size;
}

async function reapply(
  id: string,
  parts: readonly JournalEntry[],
  world: PrivacyWorld,
): Promise<void> {
  const { store, room, settings } = world;
  const hashes = [...new Set(parts.flatMap((part) => part.hashes))];
  const at = Math.max(...parts.map((part) => part.at));
  const identifiers = await readerOf(store).query<PersonIdentifier>(selectKnownIdentifiers, [
    hashes,
  ]);
  const now = room.now();
  await store.transaction('background', async (transaction) => {
    await suppress(
      transaction,
      hashes.map((hash) => ({ hash, at })),
    );
    if (identifiers.length > 0) return;
    // The store never knew her: keeping her out is all there is to do.
    await noteRequest(transaction, {
      id,
      kind: 'erase',
      origin: 'journal',
      actor: 'journal',
      receivedAt: at,
      deadlineMs: settings.deadlineMs,
      hashes,
      at,
      number: null,
      covers: true,
      isDone: true,
      now,
    });
  });
  if (identifiers.length === 0) return;
  const asking = { id, actor: 'journal', origin: 'journal', isLast: true } as const;
  await askErasure({ profileIds: [], identifiers }, asking, world, at);
}
