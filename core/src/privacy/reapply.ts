// After a start: erasures that the journal holds and the store knows nothing of, because it is a backup
// from before them, are carried out again. Nobody else needs to ask for it.
import { readHead } from '../intake/rewrite-log.ts';
import { standardIdentifier } from '../standardise/identifiers.ts';
import { readerOf } from '../store/reader.ts';
import { askErasure } from './ask-erasure.ts';
import type { PersonIdentifier } from './find-person.ts';
import { readJournal, type JournalEntry } from './journal.ts';
import { noticeErasures } from './notice.ts';
import { selectKnownIdentifiers, selectKnownRequests } from './plans.ts';
import { noteRequest } from './requests.ts';
import { suppress } from './suppression.ts';
import type { PrivacyWorld } from './world.ts';

/** Resolves all that is in the log. */
export type ResolveLog = () => Promise<unknown>;

interface Erasure {
  readonly id: string;
  readonly hashes: readonly string[];
  /** Up to when. */
  readonly at: number;
}

/** Before anything is sent or taken in. @returns how many requests were carried out again. */
export async function reapplyErasures(
  world: PrivacyWorld,
  resolveLog: ResolveLog,
): Promise<number> {
  const lost = await readLost(world);
  if (lost.length === 0) return 0;
  const suppressed = lost.flatMap(({ hashes, at }) => hashes.map((hash) => ({ hash, at })));
  await world.store.transaction('background', (transaction) => suppress(transaction, suppressed));
  // A backup may hold what was accepted of her and not resolved yet, and her own request among it.
  await resolveLog();
  while (await noticeErasures(world));
  const left = await readLost(world);
  const named = new Map<string, boolean>();
  for (const erasure of left) named.set(erasure.id, await handIn(erasure, world));
  await resolveLog();
  for (const erasure of left) await note(erasure, named.get(erasure.id) === true, world);
  return left.length;
}

/** Those of the journal that the store knows nothing of. */
async function readLost(world: PrivacyWorld): Promise<readonly Erasure[]> {
  const { journalFolder } = world.settings;
  if (journalFolder === undefined) return [];
  const requests = Map.groupBy(await readJournal(journalFolder), ({ request }) => request);
  if (requests.size === 0) return [];
  const rows = await readerOf(world.store).query<{ id: string }>(selectKnownRequests, [
    [...requests.keys()],
  ]);
  for (const { id } of rows) requests.delete(id);
  return [...requests].map(([id, parts]) => ({
    id,
    hashes: [...new Set(parts.flatMap((part) => hashesOf(part, world)))],
    at: Math.max(...parts.map((part) => part.at)),
  }));
}

/**
 * By her identifiers as far as the store knows them, so that destinations can be asked by them, and by hash
 * for the rest. @returns true where it knows any.
 */
async function handIn({ id, hashes, at }: Erasure, world: PrivacyWorld): Promise<boolean> {
  const { store, intake, room } = world;
  const stored = await readerOf(store).query<PersonIdentifier>(selectKnownIdentifiers, [hashes]);
  const identifiers = stored.filter((identifier) => canBeNamed(identifier, room));
  const known = new Set(identifiers.map(({ hash }) => hash));
  const rest = hashes.filter((hash) => !known.has(hash));
  if (rest.length > 0) {
    await intake.erase({ messageId: `erase-${id}-rest`, hashes: rest, at }, room.now());
  }
  if (identifiers.length === 0) return false;
  const asking = { id, actor: 'journal', origin: 'journal', isLast: true } as const;
  await askErasure({ identifiers }, asking, world, { at });
  return true;
}

/** By the config of now; what it has no namespace or another form for would not be taken, or be another. */
function canBeNamed(
  { namespace, value, hash }: PersonIdentifier,
  { settings, keys }: PrivacyWorld['room'],
): boolean {
  return standardIdentifier(namespace, value, settings.identity, keys)?.hash === hash;
}

/** The log is gone through up to its head for all that the journal names, whatever of it was known. */
async function note(
  { id, hashes, at }: Erasure,
  isNamed: boolean,
  { store, room, settings }: PrivacyWorld,
): Promise<void> {
  const now = room.now();
  await store.transaction('background', async (transaction) =>
    noteRequest(transaction, {
      id,
      kind: 'erase',
      origin: 'journal',
      actor: 'journal',
      receivedAt: now,
      deadlineMs: settings.deadlineMs,
      hashes,
      at,
      // Where the log names her by more than hashes, it is noticed there.
      number: isNamed ? null : await readHead(transaction),
      covers: true,
      now,
    }),
  );
}

/** As they are under the key of now. */
function hashesOf({ hashes, key }: JournalEntry, { room }: PrivacyWorld): string[] {
  return hashes.map((hash) => room.keys.bringForward(hash, key) ?? underAnother());
}

function underAnother(): never {
  throw new Error(
    'JOURNAL_KEY_UNKNOWN: journal of erasures: found an erasure from under a later deployment key than this store is under, expected none: the backup is from before `tributary rekey`. Stop the hub, bring the store under that key the same way, and start again.',
  );
}
