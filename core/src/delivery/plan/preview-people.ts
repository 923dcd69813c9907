// What planning would find for some people if another config held: the same questions as plan-people
// asks, of the same doors, and nothing is locked or written.
import type { Queryable } from '../../store/store.ts';
import { decideChange } from '../state/decide-change.ts';
import type { LedgerRow, RemovalCause } from '../state/ledger-row.ts';
import { readLedgerByKeys } from '../state/rows.ts';
import type { InstanceWorld } from '../world.ts';
import { loadContacts, type ContactIdentifier } from './contacts.ts';
import { decideDesired, listsOf } from './desired.ts';
import { changeRules, newRow, withKey } from './plan-states.ts';
import type { KeyHolder } from './plan-people.ts';
import { selectKeyHolders } from './plans.ts';
import { loadSupports, type Support, type SupportReads } from './supports.ts';
import { isKeyFailure, vendorKeyOf } from './vendor-keys.ts';

/** One vendor key on one list that would be changed at the destination. */
export interface PreviewedChange {
  readonly list: string;
  readonly kind: 'add' | 'update' | 'remove';
  readonly cause: RemovalCause | null;
  /** The vendor has never been told of this key. */
  readonly isNew: boolean;
}

/** Everything that is known of some vendor keys. */
export interface KeysPreview {
  readonly keyHashes: readonly string[];
  readonly supports: readonly Support[];
  readonly behind: ReadonlyMap<string, readonly Support[]>;
  changesOf(keyHash: string): readonly PreviewedChange[];
}

export async function previewProfiles(
  world: InstanceWorld,
  queryable: Queryable,
  profileIds: readonly string[],
  reads: SupportReads,
): Promise<KeysPreview> {
  const contacts = await loadContacts(queryable, profileIds, {
    namespaces: world.destination.plugin.identifiers,
    contactPoints: 'all',
    primary: world.profile.primary,
  });
  const keys = keysOf(world, contacts);
  return previewKeys(world, queryable, { keyHashes: keys, contacts, reads });
}

export interface KeysQuestion {
  readonly keyHashes: readonly string[];
  /** Identifiers that are known to stand behind some of them. */
  readonly contacts: readonly { readonly id: number }[];
  readonly reads: SupportReads;
}

export async function previewKeys(
  world: InstanceWorld,
  queryable: Queryable,
  { keyHashes, contacts, reads }: KeysQuestion,
): Promise<KeysPreview> {
  const holders = await queryable.query<KeyHolder>(selectKeyHolders, [world.id, keyHashes]);
  const everybody = [
    ...new Set([...contacts.map(({ id }) => id), ...holders.map((row) => row.identifierId)]),
  ];
  const supports = await loadSupports(world, queryable, everybody, reads);
  const keyed = supports.flatMap((support) => withKey(world, support));
  const behind = Map.groupBy(keyed, ({ keyHash }) => keyHash);
  const rows = await readLedgerByKeys(queryable, world.id, keyHashes);
  const known = Map.groupBy(rows, ({ keyHash }) => keyHash);
  const lists = listsOf(world.settings);
  const rules = changeRules(world, world.clock.now());
  return {
    keyHashes,
    supports,
    behind: new Map([...behind].map(([key, all]) => [key, all.map(({ support }) => support)])),
    changesOf(keyHash) {
      const [mine, own] = [behind.get(keyHash) ?? [], known.get(keyHash) ?? []];
      const names = new Set([...lists.keys(), ...own.map(({ list }) => list)]);
      return [...names].flatMap((list) => {
        const question = { list: lists.get(list), supports: mine.map(({ support }) => support) };
        const desired = decideDesired({ ...question, erased: false });
        const row = own.find((one) => one.list === list);
        const before = row ?? newRow(world, list, mine[0], desired, rules.now);
        if (before === undefined) return [];
        return changeOf(before, decideChange(before, desired, rules).row, own);
      });
    },
  };
}

/** What is open in the row: whether it was before or comes with the config, it will happen. */
function changeOf(
  before: LedgerRow,
  after: LedgerRow,
  own: readonly LedgerRow[],
): PreviewedChange[] {
  const { list, operation, status, cause } = after;
  if (operation === null || status === 'held' || status === 'settled') return [];
  const isThere = before.presence !== 'absent';
  const kind = operation === 'remove' ? 'remove' : isThere ? 'update' : 'add';
  const isNew = kind === 'add' && !own.some((row) => row.presence !== 'absent' || !row.wanted);
  return [{ list, kind, cause, isNew }];
}

function keysOf(world: InstanceWorld, contacts: readonly ContactIdentifier[]): string[] {
  const keys = contacts.map((contact) => vendorKeyOf(world, contact));
  return [...new Set(keys.flatMap((key) => (isKeyFailure(key) ? [] : [key.hash])))];
}
