// The ledger's part of planning: for each list and vendor key what is wanted now, and the change
// that follows.
import type { Transaction } from '../../store/store.ts';
import type { BookKeeper } from '../books.ts';
import { decideChange, type ChangeRules } from '../state/decide-change.ts';
import type { Desired, LedgerRow } from '../state/ledger-row.ts';
import { eraseList } from '../disclosure/erase-list.ts';
import { dropErasedRows, lockLedgerByKeys, writeLedgerRows } from '../state/rows.ts';
import type { InstanceWorld } from '../world.ts';
import { decideDesired, listsOf, type ListSettings } from './desired.ts';
import type { KeyHolder } from './plan-people.ts';
import { insertKeyHolders, selectErased, selectIdentifiers } from './plans.ts';
import type { Support } from './supports.ts';
import { isKeyFailure, vendorKeyOf } from './vendor-keys.ts';

export interface StateInput {
  readonly keyHashes: readonly string[];
  readonly holders: readonly KeyHolder[];
  readonly supports: readonly Support[];
  readonly books: BookKeeper;
  readonly now: number;
}

export interface Keyed {
  readonly key: string;
  readonly keyHash: string;
  readonly support: Support;
}

export async function planStates(
  world: InstanceWorld,
  transaction: Transaction,
  input: StateInput,
): Promise<void> {
  const { keyHashes, now, books } = input;
  const asked = new Set(keyHashes);
  const keyed = input.supports
    .flatMap((support) => withKey(world, support))
    .filter(({ keyHash }) => asked.has(keyHash));
  const byKey = Map.groupBy(keyed, (entry) => entry.keyHash);
  const [rows, erased] = await Promise.all([
    lockLedgerByKeys(transaction, world.id, keyHashes),
    findErased(transaction, input.holders),
  ]);
  const rowsByKey = Map.groupBy(rows, (row) => row.keyHash);
  const lists = listsOf(world.settings);
  const rules = changeRules(world, now);
  const written: LedgerRow[] = [];
  for (const keyHash of keyHashes) {
    const behind = byKey.get(keyHash) ?? [];
    const known = new Map((rowsByKey.get(keyHash) ?? []).map((row) => [row.list, row]));
    for (const list of new Set([...lists.keys(), ...known.keys()])) {
      // Owed, whoever has come back since.
      if (list === eraseList) continue;
      const desired = decideFor(lists.get(list), behind, erased.has(keyHash));
      const before = known.get(list) ?? newRow(world, list, behind[0], desired, now);
      if (before === undefined) continue;
      const { row, books: entry } = decideChange(before, desired, rules);
      books.note(list, list === '' ? 'profile' : 'audience', entry);
      if (JSON.stringify(row) !== JSON.stringify(known.get(list))) written.push(row);
    }
  }
  await writeLedgerRows(transaction, written);
  await dropErasedRows(transaction, world.id, written);
  await rememberHolders(world, transaction, written, keyed);
}

export function changeRules(world: InstanceWorld, now: number): ChangeRules {
  const { audiences, erase } = world.destination.plugin;
  return { now, canRemove: audiences?.mode !== 'append', canErase: erase !== undefined };
}

export function withKey(world: InstanceWorld, support: Support): Keyed[] {
  const key = vendorKeyOf(world, support.identifier);
  return isKeyFailure(key) ? [] : [{ key: key.key, keyHash: key.hash, support }];
}

function decideFor(
  list: ListSettings | undefined,
  behind: readonly Keyed[],
  erased: boolean,
): Desired {
  return decideDesired({ list, supports: behind.map((entry) => entry.support), erased });
}

/** Only what is wanted gets a row; a person who never was there leaves no trace. */
export function newRow(
  world: InstanceWorld,
  list: string,
  first: Pick<Keyed, 'key' | 'keyHash'> | undefined,
  desired: Desired,
  now: number,
): LedgerRow | undefined {
  if (!desired.wanted || first === undefined) return undefined;
  return {
    instance: world.id,
    list,
    keyHash: first.keyHash,
    identifierId: desired.identifierId,
    namespace: desired.namespace,
    value: desired.value,
    vendorKey: first.key,
    vendorId: null,
    profileId: desired.profileId,
    wanted: false,
    presence: 'absent',
    presenceBefore: 'absent',
    status: 'settled',
    operation: null,
    cause: null,
    sent: null,
    next: null,
    flying: null,
    job: null,
    attempts: 0,
    dueAt: null,
    refreshBy: null,
    reason: null,
    seenAt: null,
    plannedAt: 0, // until a change is opened
    changedAt: now,
  };
}

/** Keys all of whose identifiers were erased and have not come back. */
async function findErased(
  transaction: Transaction,
  behind: readonly KeyHolder[],
): Promise<Set<string>> {
  if (behind.length === 0) return new Set();
  const [known, named] = await Promise.all([
    transaction.query<{ id: number }>(selectIdentifiers, [
      behind.map((holder) => holder.identifierId),
    ]),
    transaction.query<{ hash: string }>(selectErased, [
      behind.map((holder) => holder.identifierHash),
    ]),
  ]);
  const existing = new Set(known.map((row) => row.id));
  const erased = new Set(named.map((row) => row.hash));
  const isErased = (holder: KeyHolder): boolean =>
    erased.has(holder.identifierHash) || !existing.has(holder.identifierId);
  const byHash = Map.groupBy(behind, (holder) => holder.keyHash);
  return new Set([...byHash].filter(([, all]) => all.every(isErased)).map(([keyHash]) => keyHash));
}

/** Remembered where they matter: behind a row, or because the contact point itself was denied. */
async function rememberHolders(
  world: InstanceWorld,
  transaction: Transaction,
  written: readonly LedgerRow[],
  keyed: readonly Keyed[],
): Promise<void> {
  const wanted = new Set(written.filter((row) => row.wanted).map((row) => row.keyHash));
  const kept = keyed.filter(
    ({ keyHash, support }) => wanted.has(keyHash) || support.consent.forbidden,
  );
  if (kept.length === 0) return;
  await transaction.query(insertKeyHolders, [
    world.id,
    kept.map((entry) => entry.keyHash),
    kept.map((entry) => entry.support.identifier.id),
    kept.map((entry) => entry.support.identifier.hash),
  ]);
}
