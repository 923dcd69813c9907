// An erasure at one destination: who is on its lists is erased by planning; who ever was there in any
// other way gets a row of her own in the ledger, so that the same retries, limits and polls carry it out.
import type { Transaction } from '../store/store.ts';
import { createBookKeeper } from './books.ts';
import { readPlanState } from './plan/plan-state.ts';
import { insertKeyHolders } from './plan/plans.ts';
import { isKeyFailure, vendorKeyOf, type VendorKey } from './plan/vendor-keys.ts';
import type { LedgerRow } from './state/ledger-row.ts';
import { lockLedgerByKeys, writeLedgerRows } from './state/rows.ts';
import type { InstanceWorld } from './world.ts';
import { eraseList } from './disclosure/erase-list.ts';
import {
  selectDisclosures,
  selectLivingHolders,
  selectOpenErasures,
  selectUnplanned,
} from './disclosure/plans.ts';

export interface ErasedSubject {
  readonly hash: string;
  /** Undefined: only the hash is known any more. */
  readonly identifier: { readonly namespace: string; readonly value: string } | undefined;
  /** She is known again, and this erasure covers nothing that was shown from then on. Left out: she is not. */
  readonly upTo?: number;
}

export interface ErasureQuestion {
  readonly subjects: readonly ErasedSubject[];
}

export interface ErasureStanding {
  readonly state:
    | 'waiting' // not planned yet
    | 'pending' // the vendor is being asked
    | 'refused' // the vendor would not; held for a replay or a person
    | 'done'
    | 'not_held' // it never got anything of her
    | 'kept' // somebody else is known there by the same key
    | 'by_hand'; // the vendor cannot erase, or not by what is known
  /** The vendor's last answer. */
  readonly outcome?: string;
  readonly answeredAt?: number;
}

interface DisclosureRow {
  hash: string;
  firstAt: number;
  lastAt: number;
  /** The destination knows, or knew, somebody by it. */
  keyed: boolean;
  erasedAt: number | null;
  outcome: string | null;
}

export async function pursueErasure(
  world: InstanceWorld,
  transaction: Transaction,
  { subjects }: ErasureQuestion,
): Promise<ErasureStanding> {
  const now = world.clock.now();
  const { erasedTo } = await readPlanState(world, transaction, now);
  const hashes = subjects.map(({ hash }) => hash);
  const all = await transaction.query<DisclosureRow & { instance: string }>(selectDisclosures, [
    hashes,
    world.id,
  ]);
  const ends = new Map(subjects.map(({ hash, upTo = Infinity }) => [hash, upTo]));
  const endOf = (hash: string): number => ends.get(hash) ?? Infinity;
  const shown = all.filter(({ hash, firstAt }) => firstAt < endOf(hash));
  const proof = proofOf(shown);
  // Asked for twice, only the first is planned: so it is her erasures that count, and not the request's.
  const unplanned = await transaction.query(selectUnplanned, [hashes, erasedTo]);
  if (unplanned.length > 0) return { state: 'waiting', ...proof };
  const open = await transaction.query<{ status: string }>(selectOpenErasures, [world.id, hashes]);
  if (open.some(({ status }) => status !== 'held')) return { state: 'pending', ...proof };
  if (open.length > 0) {
    const canErase = world.destination.plugin.erase !== undefined;
    return { state: canErase ? 'refused' : 'by_hand', ...proof };
  }
  if (shown.length === 0) return { state: 'not_held' };
  if (world.destination.plugin.erase === undefined) return { state: 'by_hand' };
  const left = shown.filter((row) => {
    const erasedAt = carriedOutAt(row);
    return erasedAt === null || (erasedAt < row.lastAt && row.lastAt < endOf(row.hash));
  });
  if (left.length === 0) return { state: 'done', ...proof };
  const wanted = new Set(left.filter((row) => isAskable(world, row, subjects)).map(hashOf));
  const asked = subjects.filter(({ hash }) => wanted.has(hash));
  // What was only ever handed over beside another one is gone with that one.
  if (asked.length === 0 && left.every((row) => isGoneBeside(row, shown))) {
    return { state: 'done', ...proof };
  }
  return { state: await askFor(world, transaction, asked, now), ...proof };
}

function hashOf({ hash }: { readonly hash: string }): string {
  return hash;
}

/** The vendor can be asked by what it knows her by, and by whatever it can address. */
function isAskable(
  { destination }: InstanceWorld,
  { hash, keyed }: DisclosureRow,
  subjects: readonly ErasedSubject[],
): boolean {
  const namespace = subjects.find((subject) => subject.hash === hash)?.identifier?.namespace;
  const { identifiers } = destination.plugin;
  return keyed || (namespace !== undefined && identifiers.includes(namespace));
}

function isGoneBeside({ keyed, lastAt }: DisclosureRow, shown: readonly DisclosureRow[]): boolean {
  return !keyed && shown.some((row) => (carriedOutAt(row) ?? -Infinity) >= lastAt);
}

/** Any other answer than that it is done says that it is not: the vendor is to be asked once more. */
function carriedOutAt({ erasedAt, outcome }: DisclosureRow): number | null {
  return outcome === 'delivered' ? erasedAt : null;
}

function proofOf(shown: readonly DisclosureRow[]): Omit<ErasureStanding, 'state'> {
  const [last] = shown
    .flatMap(({ erasedAt, outcome }) =>
      erasedAt === null || outcome === null ? [] : [{ outcome, answeredAt: erasedAt }],
    )
    .toSorted((one, other) => other.answeredAt - one.answeredAt);
  return last ?? {};
}

interface Keyed {
  readonly subject: ErasedSubject;
  readonly key: VendorKey;
}

async function askFor(
  world: InstanceWorld,
  transaction: Transaction,
  subjects: readonly ErasedSubject[],
  now: number,
): Promise<'pending' | 'kept' | 'by_hand'> {
  const keyed = subjects.flatMap((subject) => keyOf(world, subject));
  if (keyed.length === 0) return 'by_hand';
  const keyHashes = [...new Set(keyed.map(({ key }) => key.hash))];
  const living = await transaction.query<{ keyHash: string }>(selectLivingHolders, [
    world.id,
    keyHashes,
    subjects.map(({ hash }) => hash),
  ]);
  const kept = new Set(living.map((row) => row.keyHash));
  const asked = keyed.filter(({ key }) => !kept.has(key.hash));
  if (asked.length === 0) return 'kept';
  await openRows(world, transaction, asked, now);
  return 'pending';
}

function keyOf(world: InstanceWorld, subject: ErasedSubject): Keyed[] {
  const { identifier, hash } = subject;
  if (identifier === undefined) return [];
  const key = vendorKeyOf(world, { id: 0, hash, ...identifier });
  return isKeyFailure(key) ? [] : [{ subject, key }];
}

async function openRows(
  world: InstanceWorld,
  transaction: Transaction,
  asked: readonly Keyed[],
  now: number,
): Promise<void> {
  const byKey = new Map(asked.map((entry) => [entry.key.hash, entry]));
  const known = await lockLedgerByKeys(transaction, world.id, [...byKey.keys()]);
  const vendorIds = new Map(known.map((row) => [row.keyHash, row.vendorId]));
  const rows = [...byKey.values()].map(({ subject, key }) =>
    eraseRow(world, subject, key, vendorIds.get(key.hash) ?? null, now),
  );
  await writeLedgerRows(transaction, rows);
  await transaction.query(insertKeyHolders, [
    world.id,
    asked.map(({ key }) => key.hash),
    asked.map(({ subject }) => formerId(subject.hash)),
    asked.map(({ subject }) => subject.hash),
  ]);
  const books = createBookKeeper(world.id);
  books.note(eraseList, 'audience', { planned: rows.length });
  await books.write(transaction);
}

/** No identifier has a negative id: by this nobody who lives stands behind the key. */
function formerId(hash: string): number {
  return -1 - Number.parseInt(hash.replaceAll('-', '').slice(0, 12), 16);
}

function eraseRow(
  world: InstanceWorld,
  { hash, identifier }: ErasedSubject,
  { key, hash: keyHash }: VendorKey,
  vendorId: string | null,
  now: number,
): LedgerRow {
  return {
    instance: world.id,
    list: eraseList,
    keyHash,
    identifierId: formerId(hash),
    namespace: identifier?.namespace ?? '',
    value: identifier?.value ?? '',
    vendorKey: key,
    vendorId,
    profileId: nobody,
    wanted: false,
    presence: 'in_doubt',
    presenceBefore: 'in_doubt',
    status: 'due',
    operation: 'remove',
    cause: 'erased',
    sent: null,
    next: null,
    flying: null,
    job: null,
    attempts: 0,
    dueAt: now,
    refreshBy: null,
    reason: null,
    seenAt: null,
    plannedAt: now,
    changedAt: now,
  };
}

const nobody = '00000000-0000-0000-0000-000000000000';
