// Notices delete records that resolve has taken in, the hub's own and those of sources, and writes each down
// as a request.
import { readDeletes, readHead, rewriteLog, type LogEvent } from '../intake/rewrite-log.ts';
import { standardiseRow } from '../resolve/read-batch.ts';
import { areBeingMadeAnew } from '../resolve/rules-of-folding.ts';
import { internalSource } from '../sources/internal-source.ts';
import { isHashOnly } from '../standardise/reduced-record.ts';
import { namedBy, type StandardRecord } from '../standardise/standard-record.ts';
import { readCursor, writeCursor } from '../store/cursor.ts';
import type { Queryable, Transaction } from '../store/store.ts';
import { askingOf, type Asking } from './asking.ts';
import { writeJournal } from './journal.ts';
import { selectEarlierForms } from './plans.ts';
import { noteRequest } from './requests.ts';
import { suppress, suppressAged } from './suppression.ts';
import type { PrivacyWorld } from './world.ts';

const consumer = 'privacy';
const atOnce = 100;

/**
 * True when something was noticed: there may be more. Whose earlier forms are erased as well is known again
 * only once people are made anew.
 */
export async function noticeErasures(world: PrivacyWorld): Promise<boolean> {
  const { store } = world;
  return store.transaction('background', async (transaction) => {
    if (await areBeingMadeAnew(transaction)) return false;
    const after = await readCursor(transaction, consumer);
    const upTo = await readCursor(transaction, 'resolve');
    const events = await readDeletes(transaction, after, upTo, atOnce);
    const head = events.length === 0 ? 0 : await readHead(transaction);
    for (const event of events) await noteErasure(transaction, event, head, world);
    const last = events.at(-1);
    if (last === undefined) return false;
    await writeCursor(transaction, consumer, last.number);
    return true;
  });
}

/** @param head whatever was accepted by now without knowing of the erasure lies before it. */
async function noteErasure(
  transaction: Transaction,
  event: LogEvent,
  head: number,
  world: PrivacyWorld,
): Promise<void> {
  const record = readErasure(event, world);
  if (record === undefined) return;
  const named = namedBy(record);
  const { journalFolder } = world.settings;
  const now = named.map(({ hash }) => hash);
  const earlier = await transaction.query<{ hash: string }>(selectEarlierForms, [now]);
  const hashes = [...now, ...earlier.map(({ hash }) => hash)];
  const request = ownAsking(record)?.id ?? record.messageHash;
  const isAged = ownAsking(record)?.origin === 'retention';
  // Outside first: what the store knows of is in the journal. Who is forgotten by age is found again.
  if (journalFolder !== undefined && !isAged) {
    const key = world.room.keys.fingerprint;
    const entry = { request, at: record.at, hashes, key };
    await writeJournal(journalFolder, record.messageHash, entry);
  }
  const asking = ownAsking(record) ?? {
    id: record.messageHash,
    actor: `source:${record.source}`,
    origin: record.source,
    isLast: true,
  };
  await noteRequest(transaction, {
    ...asking,
    kind: 'erase',
    receivedAt: record.receivedAt,
    deadlineMs: world.settings.deadlineMs,
    hashes,
    at: record.at,
    number: asking.isLast ? record.number : null,
    scanTo: Math.max(head, record.number),
    covers: true,
    now: world.room.now(),
  });
  const suppressed = hashes.map((hash) => ({ hash, at: record.at }));
  // Whoever nobody heard of may be heard of again, by anybody; what is older than that stays out.
  await (isAged ? suppressAged(transaction, suppressed) : suppress(transaction, suppressed));
}

/** Undefined: it is no erasure that names anybody, or it was carried out before. */
function readErasure(event: LogEvent, { room }: PrivacyWorld): StandardRecord | undefined {
  const result = standardiseRow(event, room);
  if (result === undefined || !('record' in result)) return undefined;
  const named = namedBy(result.record);
  return named.every(isHashOnly) ? undefined : result.record;
}

/** Only the hub itself can say so. */
function ownAsking({ source, context }: StandardRecord): Asking | undefined {
  return source === internalSource.id ? askingOf(context) : undefined;
}

/** A request's delete records lie close together, for they were handed in at once. */
const furthest = 5_000;

/** What a request's delete records say while they say it. */
export async function readRecords(
  queryable: Queryable,
  request: { readonly id: string; readonly number: number },
  world: PrivacyWorld,
): Promise<readonly StandardRecord[]> {
  const { id, number } = request;
  const events = await readDeletes(queryable, Math.max(0, number - furthest), number, furthest);
  return events.flatMap((event) => {
    const record = readErasure(event, world);
    if (record === undefined) return [];
    return (ownAsking(record)?.id ?? record.messageHash) === id ? [record] : [];
  });
}

/** From now on they say it by keyed hashes. */
export async function hideRecords(
  transaction: Transaction,
  records: readonly StandardRecord[],
): Promise<void> {
  await rewriteLog(
    transaction,
    records.map((record) => ({
      number: record.number,
      stored: { reduced: 'erasure', hashes: namedBy(record).map(({ hash }) => hash) },
    })),
  );
}
