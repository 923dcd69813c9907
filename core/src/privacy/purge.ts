// Takes a person out of what resolve never looks at again: the log, quarantine, and vendors' words. What a
// log row says of others stays, so that folding it again gives what is there now.
import { clearWords } from '../delivery/forget.ts';
import {
  blankKeptAside,
  readKeptAside,
  readLogSlice,
  rewriteLog,
  type LogEvent,
  type Rewritten,
} from '../intake/rewrite-log.ts';
import { headerOf } from '../resolve/event-row.ts';
import { standardiseRow } from '../resolve/read-batch.ts';
import { refold } from '../resolve/refold.ts';
import { nameIdentifiers } from '../standardise/identifiers.ts';
import { decodePayload } from '../standardise/payload-codec.ts';
import {
  isReduced,
  reduceStored,
  standardiseStored,
  type StoredRecord,
} from '../standardise/reduced-record.ts';
import type { StandardIdentifier, StandardRecord } from '../standardise/standard-record.ts';
import { readerOf } from '../store/reader.ts';
import { readableTexts } from './readable-texts.ts';
import type { Values } from './values.ts';
import type { PrivacyWorld } from './world.ts';

/** Keyed hash → up to when it is erased. */
export type Erased = ReadonlyMap<string, number>;

const sliceSize = 500;

/** @returns the number up to which the log is gone through. */
export async function purgeLogSlice(
  erased: Erased,
  after: number,
  upTo: number,
  world: PrivacyWorld,
): Promise<number> {
  const { store, room } = world;
  const events = await readLogSlice(readerOf(store), after, upTo, sliceSize);
  const reductions = events.flatMap((event) => reduce(event, erased, world) ?? []);
  if (reductions.length > 0) {
    await store.transaction('resolve', async (transaction) => {
      await rewriteLog(transaction, reductions);
      await refold(transaction, changesOf(reductions, world), room);
    });
  }
  return events.at(-1)?.number ?? upTo;
}

interface Reduction extends Rewritten {
  readonly event: LogEvent;
  readonly before: StandardRecord | undefined;
}

/** Delete records are left for the end of their own request: until then they say whom it is about. */
function reduce(event: LogEvent, erased: Erased, world: PrivacyWorld): Reduction | undefined {
  const stored = decodePayload({ keyId: event.key_id, bytes: event.payload });
  if (!isReduced(stored) && stored.type === 'delete') return undefined;
  const isErased = ({ hash }: StandardIdentifier): boolean =>
    event.at <= (erased.get(hash) ?? -Infinity);
  const { settings, keys } = world.room;
  const result = standardiseRow(event, world.room);
  if (result === undefined) return undefined;
  if (!('record' in result)) return reduceUnreadable(event, stored, isErased, world);
  const { record: standard } = result;
  const rest = reduceStored(stored, { standard, settings, keys }, isErased);
  return rest && { number: event.number, stored: rest, event, before: standard };
}

/** What config has no words for any more counts for nothing; nothing of it stays. */
function reduceUnreadable(
  event: LogEvent,
  stored: StoredRecord,
  isErased: (identifier: StandardIdentifier) => boolean,
  { room }: PrivacyWorld,
): Reduction | undefined {
  const named = 'identifiers' in stored ? stored.identifiers : [];
  const traits = 'traits' in stored ? (stored.traits ?? {}) : {};
  const { identifiers, contacts } = nameIdentifiers(
    named,
    traits,
    room.settings.identity,
    room.keys,
  );
  if (![...identifiers, ...contacts].some(isErased)) return undefined;
  return { number: event.number, stored: { reduced: 'gone' }, event, before: undefined };
}

function changesOf(
  reductions: readonly Reduction[],
  { room }: PrivacyWorld,
): Parameters<typeof refold>[1] {
  const before = reductions.flatMap(({ before: record, number }) =>
    record?.subject === undefined ? [] : [{ hash: record.subject.hash, number }],
  );
  const after = reductions.flatMap(({ event, stored }) => {
    const result = standardiseStored(headerOf(event), stored, room.settings, room.keys);
    return result !== undefined && 'record' in result ? [result.record] : [];
  });
  return { before, after };
}

/** Quarantine and the words of vendors. */
export async function purgeWords(values: Values, world: PrivacyWorld): Promise<void> {
  const { store, delivery } = world;
  await clearWords(store, values.texts, [...delivery.instances.keys()]);
  const reader = readerOf(store);
  for (let after = 0; ;) {
    const entries = await readKeptAside(reader, after, sliceSize);
    const last = entries.at(-1);
    if (last === undefined) return;
    const hers: number[] = [];
    for (const { id, message, payload } of entries) {
      if (values.isIn(message) || (await mayHold(payload, values))) hers.push(id);
    }
    await store.transaction('background', (transaction) =>
      blankKeptAside(transaction, hers, 'erased at a person’s request'),
    );
    after = last.id;
  }
}

/** What nobody can unpack is of no use for a replay, and all of it might be hers. */
async function mayHold(payload: Uint8Array | null, values: Values): Promise<boolean> {
  if (payload === null) return false;
  const texts = await readableTexts(payload);
  return texts === undefined || texts.some((text) => values.areInText(text));
}
