// Brings a store under its next deployment key: every keyed hash is hashed once more, with the next key,
// and the keys of before are sealed with it. No value is needed, so who was erased is still kept out, and
// a message that came before is still known. One transaction: a store is under one key or the other.
import { appendAudit } from '../audit/append.ts';
import { laneOf } from '../delivery/lane.ts';
import { readEarlierKeys, readFingerprint, retireKeys } from '../standardise/deployment-key.ts';
import { createDeploymentKeys, createKeyStep, type KeyStep } from '../standardise/keys.ts';
import { decodePayload, encodeReduced } from '../standardise/payload-codec.ts';
import {
  isReduced,
  rehashReduced,
  standardiseStored,
  type StoredRecord,
} from '../standardise/reduced-record.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import type { Statement, Store, Transaction } from '../store/store.ts';
import {
  closeCursor,
  countHashes,
  fetchSlice,
  identifierColumns,
  laneColumns,
  openHashes,
  openLanes,
  openReduced,
  seenColumn,
  writeHashes,
  writePayloads,
  type KeyedColumn,
  type LaneColumn,
} from './plans.ts';

export interface RekeyOptions {
  /** Nobody else may use it. A transaction on it may take as long as it takes. */
  readonly store: Store;
  /** What the store is under, and what it is to be under. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly settings: StandardiseSettings;
  readonly now: number;
  /** Hashes so far, hashes in all. */
  onProgress?(done: number, all: number): void;
}

export interface RekeySummary {
  /** False: it was under that key already. */
  readonly changed: boolean;
  /** How many hashes were made anew. */
  readonly hashes: number;
  /** How many keys of before are sealed in the store. */
  readonly earlierKeys: number;
}

export async function rekey(options: RekeyOptions): Promise<RekeySummary> {
  const { store, from, to } = options;
  const stands = await readFingerprint(store);
  if (stands === createKeyStep(to).fingerprint) {
    const earlier = await store.transaction('background', (q) => readEarlierKeys(q, to));
    return { changed: false, hashes: 0, earlierKeys: earlier.length };
  }
  if (stands !== createKeyStep(from).fingerprint) throw wrongEarlier(stands);
  return store.transaction('background', (transaction) => change(transaction, options));
}

async function change(transaction: Transaction, options: RekeyOptions): Promise<RekeySummary> {
  const { from, to, now } = options;
  const before = await readEarlierKeys(transaction, from);
  const step = createKeyStep(to);
  if (before.some((key) => createKeyStep(key).fingerprint === step.fingerprint)) throw usedBefore();
  const earlier = [...before, from];
  const progress = await countAll(transaction, options);
  // While the events say who they are about as they did.
  for (const column of laneColumns) await bringLanes(transaction, column, options, before);
  for (const column of identifierColumns) {
    await bringColumn(transaction, column, step.identifierHash, progress.add);
  }
  await bringColumn(transaction, seenColumn, step.seenHash, progress.add);
  await bringReduced(transaction, step);
  await retireKeys(transaction, earlier, to, now);
  const summary = { changed: true, hashes: progress.done(), earlierKeys: earlier.length };
  const { hashes, earlierKeys } = summary;
  await appendAudit(transaction, [
    { kind: 'store.rekeyed', at: now, actor: 'cli', details: { hashes, earlierKeys } },
  ]);
  return summary;
}

interface Progress {
  add(this: void, hashes: number): void;
  done(): number;
}

async function countAll(transaction: Transaction, { onProgress }: RekeyOptions): Promise<Progress> {
  let all = 0;
  for (const column of [...identifierColumns, seenColumn]) {
    const [row] = await transaction.query<{ rows: number }>(countHashes(column));
    all += row?.rows ?? 0;
  }
  let done = 0;
  onProgress?.(0, all);
  return {
    add(hashes) {
      done += hashes;
      onProgress?.(done, all);
    },
    done: () => done,
  };
}

async function bringColumn(
  transaction: Transaction,
  column: KeyedColumn,
  rehash: (hash: string) => string,
  onSlice: (hashes: number) => void,
): Promise<void> {
  const write = writeHashes(column);
  const slices = slicesOf<{ place: string; hash: string }>(transaction, openHashes(column));
  for await (const rows of slices) {
    await transaction.query(write, [
      rows.map(({ place }) => place),
      rows.map(({ hash }) => rehash(hash)),
    ]);
    onSlice(rows.length);
  }
}

interface PayloadRow {
  number: number;
  key_id: number;
  payload: Uint8Array;
}

function storedIn({ key_id: keyId, payload: bytes }: PayloadRow): StoredRecord {
  return decodePayload({ keyId, bytes });
}

async function bringReduced(transaction: Transaction, step: KeyStep): Promise<void> {
  for await (const rows of slicesOf<PayloadRow>(transaction, openReduced)) {
    const brought = rows.flatMap((row) => {
      const stored = storedIn(row);
      const rest = isReduced(stored) ? rehashReduced(stored, step.identifierHash) : undefined;
      return rest === undefined ? [] : [{ number: row.number, bytes: encodeReduced(rest).bytes }];
    });
    await transaction.query(writePayloads, [
      brought.map(({ number }) => number),
      brought.map(({ bytes }) => bytes),
    ]);
  }
}

interface LaneRow extends PayloadRow {
  place: string;
  lane: string;
  source: string;
  message_hash: string;
  received_at: number;
  at: number;
  historical: boolean;
}

/** What waits in a visitor's lane goes on before what this visitor does next. */
async function bringLanes(
  transaction: Transaction,
  column: LaneColumn,
  { from, to, settings }: RekeyOptions,
  before: readonly Uint8Array[],
): Promise<void> {
  const write = writeHashes(column);
  const [old, next] = [
    createDeploymentKeys(from, before),
    createDeploymentKeys(to, [...before, from]),
  ];
  for await (const rows of slicesOf<LaneRow>(transaction, openLanes(column))) {
    const brought = rows.flatMap((row) => {
      const lane = (keys: typeof old): string | undefined => {
        const result = standardiseStored(headerOf(row), storedIn(row), settings, keys);
        return result !== undefined && 'record' in result ? laneOf(result.record) : undefined;
      };
      const its = lane(old) === row.lane ? lane(next) : undefined;
      return its === undefined ? [] : [{ place: row.place, lane: its }];
    });
    await transaction.query(write, [
      brought.map(({ place }) => place),
      brought.map(({ lane }) => lane),
    ]);
  }
}

function headerOf(row: LaneRow): Parameters<typeof standardiseStored>[0] {
  const { number, source, message_hash: messageHash, received_at: receivedAt, at } = row;
  return { number, source, messageHash, receivedAt, at, historical: row.historical };
}

async function* slicesOf<Row extends object>(
  transaction: Transaction,
  open: Statement,
): AsyncGenerator<Row[]> {
  await transaction.query(open);
  for (;;) {
    const rows = await transaction.query<Row>(fetchSlice);
    if (rows.length === 0) break;
    yield rows;
  }
  await transaction.query(closeCursor);
}

function wrongEarlier(stands: string | undefined): Error {
  return stands === undefined
    ? new Error(
        'REKEY_STORE_EMPTY: hub.store: found a store that no hub has started on, expected one that is under a key. Start the hub with the key it is to have.',
      )
    : new Error(
        'DEPLOYMENT_KEY_WRONG: hub.earlierKey: not the key this store is under. Give that one: nothing was changed.',
      );
}

function usedBefore(): Error {
  return new Error(
    'DEPLOYMENT_KEY_USED: hub.key: found a key that this store was under before, expected a new one. Make one with `openssl rand -base64 32`.',
  );
}
