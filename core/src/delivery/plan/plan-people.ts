// Plans some people anew, inside one transaction: finds every vendor key that they stand or stood
// behind, decides what is wanted for it from all who stand behind it now, and writes only what changes.
import type { Transaction } from '../../store/store.ts';
import { planActions } from '../action/plan-actions.ts';
import { createBookKeeper } from '../books.ts';
import type { InstanceWorld } from '../world.ts';
import { loadContacts } from './contacts.ts';
import { planStates } from './plan-states.ts';
import {
  selectKeyHolders,
  selectKeysOfIdentifiers,
  selectOwnContacts,
  selectSpokenFor,
} from './plans.ts';
import { loadSupports } from './supports.ts';
import { loadKeys } from './load-keys.ts';

/** Whom to plan, by whatever is known of them. */
export interface PlanSeed {
  readonly profileIds?: readonly string[];
  /** Of them only what is theirs alone: what is shared may have any number of holders, and all would be planned. */
  readonly behindIds?: readonly string[];
  readonly identifierIds?: readonly number[];
  readonly keyHashes?: readonly string[];
}

export interface KeyHolder {
  readonly keyHash: string;
  readonly identifierId: number;
  readonly identifierHash: string;
}

export async function planPeople(
  world: InstanceWorld,
  transaction: Transaction,
  seed: PlanSeed,
  now: number,
): Promise<void> {
  const identifierIds = await loadIdentifierIds(world, transaction, seed);
  const [computed, recorded] = await Promise.all([
    loadKeys(world, transaction, identifierIds, now),
    transaction.query<{ keyHash: string }>(selectKeysOfIdentifiers, [world.id, identifierIds]),
  ]);
  const keyHashes = distinct([
    ...(seed.keyHashes ?? []),
    ...computed.map((key) => key.hash),
    ...recorded.map((row) => row.keyHash),
  ]);
  const holders = await transaction.query<KeyHolder>(selectKeyHolders, [world.id, keyHashes]);
  // Everybody behind a key decides on it, not only those who changed.
  const everybody = distinct([...identifierIds, ...holders.map((row) => row.identifierId)]);
  const supports = await loadSupports(world, transaction, everybody);
  const books = createBookKeeper(world.id);
  await planStates(world, transaction, { keyHashes, holders, supports, books, now });
  await planActions(world, transaction, { identifierIds: everybody, supports, books, now });
  await books.write(transaction);
}

async function loadIdentifierIds(
  world: InstanceWorld,
  transaction: Transaction,
  seed: PlanSeed,
): Promise<number[]> {
  const ids = [...(seed.identifierIds ?? [])];
  const { profileIds = [], behindIds = [] } = seed;
  const namespaces = world.destination.plugin.identifiers;
  if (profileIds.length + behindIds.length > 0) {
    const [contacts, own, before] = await Promise.all([
      loadContacts(transaction, profileIds, {
        namespaces,
        contactPoints: 'all',
        primary: world.profile.primary,
      }),
      behindIds.length === 0
        ? []
        : transaction.query<{ id: number }>(selectOwnContacts, [behindIds, namespaces]),
      transaction.query<{ id: number }>(selectSpokenFor, [world.id, [...profileIds, ...behindIds]]),
    ]);
    ids.push(...[...contacts, ...own, ...before].map((row) => row.id));
  }
  return distinct(ids);
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
