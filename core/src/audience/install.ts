// Notices new, edited and removed audiences and computed traits, and computes the new and edited
// ones over all profiles in slices. Where it stands is in the store, so it goes on after a restart;
// batches that come in between keep the profiles they touch right.
import { describeMeasure } from '../profile/measure-description.ts';
import type { Queryable, Store, Transaction } from '../store/store.ts';
import { compileAudiences, selectAudiences } from './audience-set.ts';
import type { AudienceSet } from './audience-set.ts';
import { evaluateProfiles } from './evaluate-profiles.ts';
import type { EvaluationScope } from './evaluate-profiles.ts';
import type { MembershipCause } from './membership.ts';
import {
  advanceComputedDefinition,
  advanceDefinitions,
  deleteDefinition,
  deleteMembersOf,
  markRemoved,
  selectComputedDefinition,
  selectDefinitions,
  selectSlice,
  upsertComputedDefinition,
  upsertDefinitions,
} from './plans.ts';
import { definitionHashes, hashText } from './rule-references.ts';

/** Before every profile id. */
const beginning = '00000000-0000-0000-0000-000000000000';

export interface InstallReport {
  /** Audiences to compute over all profiles: new, edited, or not finished before. */
  readonly pending: readonly string[];
  readonly removed: readonly string[];
}

interface DefinitionRow {
  name: string;
  definition_hash: string;
  computing_after: string | null;
}

type ComputedRow = Omit<DefinitionRow, 'name'>;

/** One short transaction. `everything`: computes all anew, as after a rebuild from the log. */
export async function installDefinitions(
  store: Store,
  set: AudienceSet,
  everything: boolean,
): Promise<InstallReport> {
  const hashes = definitionHashes(set.audiences);
  // Nothing is resolved before it is done.
  return store.transaction('resolve', async (transaction) => {
    const known = await transaction.query<DefinitionRow>(selectDefinitions);
    const before = new Map(known.map((row) => [row.name, row]));
    const edited = [...hashes].filter(
      ([name, hash]) => everything || before.get(name)?.definition_hash !== hash,
    );
    const removed = [...before.keys()].filter((name) => !hashes.has(name));
    const [names, texts] = [edited.map(([name]) => name), edited.map(([, hash]) => hash)];
    if (edited.length > 0) await transaction.query(upsertDefinitions, [names, texts, beginning]);
    if (removed.length > 0) await transaction.query(markRemoved, [removed]);
    await installComputed(transaction, set, everything);
    const unfinished = known.filter((row) => row.computing_after !== null && hashes.has(row.name));
    return { pending: [...new Set([...names, ...unfinished.map((row) => row.name)])], removed };
  });
}

async function installComputed(
  transaction: Transaction,
  { computed }: AudienceSet,
  everything: boolean,
): Promise<void> {
  const hash = hashComputed(computed);
  const [known] = await transaction.query<ComputedRow>(selectComputedDefinition);
  if (everything || known?.definition_hash !== hash) {
    await transaction.query(upsertComputedDefinition, [hash, beginning]);
  }
}

function hashComputed(computed: AudienceSet['computed']): string {
  const described = computed
    .map(({ name, measure }) => JSON.stringify([name, describeMeasure(measure)]))
    .sort();
  return hashText(JSON.stringify(described));
}

/** What the store does not hold as this set would have it, or not for everybody yet. */
export async function findUncomputed(
  queryable: Queryable,
  set: AudienceSet,
): Promise<{ readonly audiences: ReadonlySet<string>; readonly computed: boolean }> {
  const known = await queryable.query<DefinitionRow>(selectDefinitions);
  const [traits] = await queryable.query<ComputedRow>(selectComputedDefinition);
  const done = known.filter((row) => row.computing_after === null);
  const hashes = new Map(done.map((row) => [row.name, row.definition_hash]));
  const open = [...definitionHashes(set.audiences)].filter(
    ([name, hash]) => hashes.get(name) !== hash,
  );
  const computed =
    traits?.definition_hash !== hashComputed(set.computed) || traits.computing_after !== null;
  return { audiences: new Set(open.map(([name]) => name)), computed };
}

export interface ComputeOptions {
  readonly cause: MembershipCause;
  readonly now: number;
  readonly sliceSize: number;
  readonly takeChange: (transaction: Transaction) => Promise<number>;
  readonly scopeOf: ScopeOf;
}

/**
 * One slice. Audiences and computed traits that stand at the same profile go on together.
 * @returns true when there is nothing left to do.
 */
export async function computeSlice(
  store: Store,
  set: AudienceSet,
  options: ComputeOptions,
): Promise<boolean> {
  const known = await store.query<DefinitionRow>('background', selectDefinitions);
  const wanted = new Set(set.audiences.map(({ name }) => name));
  const removed = known.find(({ name }) => !wanted.has(name));
  if (removed !== undefined) {
    await removeMembers(store, removed.name, options);
    return false;
  }
  const pending = known.filter((row) => row.computing_after !== null);
  const [traits] = await store.query<ComputedRow>('background', selectComputedDefinition);
  const [after] = [...pending, ...(traits ? [traits] : [])]
    .flatMap((row) => row.computing_after ?? [])
    .sort();
  if (after === undefined) return true;
  const names = pending.filter((row) => row.computing_after === after).map(({ name }) => name);
  const scope = options.scopeOf(names, traits?.computing_after === after);
  await store.transaction('background', async (transaction) => {
    // Held from here to the commit: no batch evaluates meanwhile, see plans.ts.
    const change = await options.takeChange(transaction);
    await evaluateSlice(transaction, scope, after, change, options);
  });
  return false;
}

/** The part of a set that a slice brings up to date. */
export type ScopeOf = (names: readonly string[], computed: boolean) => EvaluationScope;

/** Remembers the last part: one slice after the other asks for the same. */
export function createScopes(set: AudienceSet): ScopeOf {
  let last: { key: string; scope: EvaluationScope } | undefined;
  return (names, computed) => {
    const key = JSON.stringify([names, computed]);
    if (last?.key === key) return last.scope;
    const audiences = selectAudiences(set.audiences, new Set(names));
    const part = compileAudiences(audiences, computed ? set.computed : []);
    last = { key, scope: { set: part, audiences: names, computed, whole: false } };
    return last.scope;
  };
}

async function evaluateSlice(
  transaction: Transaction,
  scope: EvaluationScope,
  after: string,
  change: number,
  { cause, now, sliceSize }: ComputeOptions,
): Promise<void> {
  const rows = await transaction.query<{ id: string }>(selectSlice, [after, sliceSize]);
  const touched = new Set(rows.map(({ id }) => id));
  if (touched.size > 0) {
    const none = { vanished: new Set<string>(), origins: new Map<string, Set<string>>() };
    await evaluateProfiles(transaction, scope, { touched, ...none, now, cause, change });
  }
  const reached = rows.length < sliceSize ? null : (rows.at(-1)?.id ?? null);
  const at = new Date(now).toISOString();
  await transaction.query(advanceDefinitions, [scope.audiences, reached, at]);
  if (scope.computed) await transaction.query(advanceComputedDefinition, [reached, at]);
}

/** Some members of an audience that is no more, then the audience itself. */
async function removeMembers(
  store: Store,
  audience: string,
  { sliceSize, takeChange }: ComputeOptions,
): Promise<void> {
  await store.transaction('background', async (transaction) => {
    const change = await takeChange(transaction);
    const [gone] = await transaction.query<{ count: number }>(deleteMembersOf, [
      audience,
      sliceSize,
      change,
    ]);
    if ((gone?.count ?? 0) < sliceSize) await transaction.query(deleteDefinition, [audience]);
  });
}
