// Brings memberships and computed traits of a set of profiles up to a moment, inside a transaction
// that holds the row of change_head.
import type { JsonObject } from '@tributary/sdk';
import { equalJson } from '../profile/measure-result.ts';
import { isoTime } from '../store/store.ts';
import type { Transaction } from '../store/store.ts';
import type { Selection, Touch } from './affected.ts';
import type { AudienceSet, Evaluation } from './audience-set.ts';
import { loadMemberships } from './load-memberships.ts';
import { loadPeople } from './load-people.ts';
import type { LoadedProfile } from './load-people.ts';
import { decideMemberships } from './membership.ts';
import type { Membership, MembershipCause, MembershipDecision } from './membership.ts';
import {
  deleteMemberships,
  deleteMembershipsOfProfiles,
  updateEvaluations,
  upsertMemberships,
} from './plans.ts';

export interface EvaluationBatch {
  /** Profiles to evaluate, as they are now. */
  readonly touched: ReadonlySet<string>;
  /** Of some of them, all that may alter an audience; the others are evaluated as a whole. */
  readonly touches?: ReadonlyMap<string, Touch>;
  /** Profiles that no longer exist. */
  readonly vanished: ReadonlySet<string>;
  /** Profile → the profiles that its identifiers came from. */
  readonly origins: ReadonlyMap<string, ReadonlySet<string>>;
  readonly now: number;
  readonly cause: MembershipCause;
  /** Goes into `changed` of what a destination may see. */
  readonly change: number;
}

export interface EvaluationReport {
  /** Audience → how many came in or went out. */
  readonly entered: ReadonlyMap<string, number>;
  readonly left: ReadonlyMap<string, number>;
  /** Profiles whose memberships or computed traits are others now. */
  readonly changed: ReadonlySet<string>;
}

/** Which part of a set is brought up to date. */
export interface EvaluationScope {
  readonly set: AudienceSet;
  /** Audiences to decide. The set may hold more, which their rules name. */
  readonly audiences: readonly string[];
  readonly computed: boolean;
  /** False: other audiences have a say in when to check next; an earlier time stays. */
  readonly whole: boolean;
}

export async function evaluateProfiles(
  transaction: Transaction,
  scope: EvaluationScope,
  batch: EvaluationBatch,
): Promise<EvaluationReport> {
  const ids = [...batch.touched].filter((id) => !batch.vanished.has(id));
  const concerned = new Set([...ids, ...batch.vanished]);
  for (const origins of batch.origins.values()) for (const id of origins) concerned.add(id);
  const asked = ids.map((id) => ({ id, selection: selectFor(scope, batch.touches?.get(id)) }));
  const selections = new Map(asked.map(({ id, selection }) => [id, selection]));
  const [people, memberships] = await Promise.all([
    loadPeople(transaction, scope.set, asked, batch.now),
    loadMemberships(transaction, [...concerned]),
  ]);
  const outcomes = people.map((profile) => {
    const selection = selections.get(profile.id) ?? scope.set.everything;
    const evaluation = scope.set.evaluate(profile.person, batch.now, selection);
    const decision = decideMemberships({
      profileId: profile.id,
      audiences: decidedBy(scope, selection),
      meets: evaluation.meets,
      own: memberships.of(profile.id),
      inherited: [...(batch.origins.get(profile.id) ?? [])].flatMap((id) =>
        id === profile.id ? [] : memberships.of(id),
      ),
      now: batch.now,
      cause: batch.cause,
      notReached: (audience) => memberships.notReached(audience, profile.id),
    });
    const everything = selection === scope.set.everything;
    return { profile, evaluation, decision, everything };
  });
  const present = new Set(people.map(({ id }) => id));
  const gone = [...batch.vanished, ...ids.filter((id) => !present.has(id))];
  const rowsGone = gone.flatMap((id) => memberships.of(id));
  await writeMemberships(transaction, outcomes, rowsGone.length > 0 ? gone : [], batch.change);
  const changed = await writeEvaluations(transaction, scope, outcomes, batch);
  return { ...countMoves(outcomes, rowsGone, batch.origins), changed };
}

interface Outcome {
  readonly profile: LoadedProfile;
  readonly evaluation: Evaluation;
  readonly decision: MembershipDecision;
  /** False: what was not evaluated has a say in when to check next; an earlier time stays. */
  readonly everything: boolean;
}

/** Where only some audiences are to be decided, all of them are asked. */
function selectFor({ set, whole }: EvaluationScope, touch: Touch | undefined): Selection {
  return touch === undefined || !whole ? set.everything : set.select(touch);
}

function decidedBy({ set, audiences }: EvaluationScope, selection: Selection): readonly string[] {
  if (selection === set.everything) return audiences;
  return selection.decided.flatMap((place) => set.audiences[place]?.name ?? []);
}

async function writeMemberships(
  transaction: Transaction,
  outcomes: readonly Outcome[],
  gone: readonly string[],
  change: number,
): Promise<void> {
  const written = outcomes.flatMap(({ decision }) => decision.written);
  const left = outcomes.flatMap(({ profile, decision }) =>
    decision.left.map((audience) => ({ audience, profileId: profile.id })),
  );
  const audiences = (rows: readonly { audience: string }[]) => rows.map((row) => row.audience);
  const profiles = (rows: readonly { profileId: string }[]) => rows.map((row) => row.profileId);
  if (gone.length > 0) await transaction.query(deleteMembershipsOfProfiles, [gone]);
  if (left.length > 0)
    await transaction.query(deleteMemberships, [audiences(left), profiles(left)]);
  if (written.length === 0) return;
  await transaction.query(upsertMemberships, [
    audiences(written),
    profiles(written),
    written.map(({ since }) => isoTime(since)),
    written.map(({ cause }) => cause),
    change,
  ]);
}

async function writeEvaluations(
  transaction: Transaction,
  { computed, whole }: EvaluationScope,
  outcomes: readonly Outcome[],
  { now, change }: Pick<EvaluationBatch, 'now' | 'change'>,
): Promise<ReadonlySet<string>> {
  const rows = outcomes.flatMap(({ profile, evaluation, decision, everything }) => {
    const partly = !(whole && everything);
    const traits = computed
      ? mergeComputed(profile.computed, evaluation, everything)
      : profile.computed;
    const recomputed = !equalJson(profile.computed, traits);
    const moved = decision.written.length > 0 || decision.left.length > 0;
    const visible = recomputed || moved;
    // Time may lag behind the log. Looked at by an earlier moment, whoever came or went now would go back.
    const held = partly && moved && isLater(now, profile.checkAt);
    const checkAt = held ? now : storableTime(evaluation.nextChangeAt);
    const keep = partly && !held;
    const later = keep && isLater(checkAt, profile.checkAt);
    if (!visible && (later || checkAt === profile.checkAt)) return [];
    const { id } = profile;
    return [{ id, computed: recomputed ? traits : null, checkAt, visible, keep }];
  });
  if (rows.length > 0) {
    await transaction.query(updateEvaluations, [
      rows.map(({ id }) => id),
      rows.map((row) => (row.computed === null ? null : JSON.stringify(row.computed))),
      rows.map(({ checkAt }) => (checkAt === null ? null : isoTime(checkAt))),
      rows.map(({ visible }) => visible),
      change,
      rows.map(({ keep }) => keep),
    ]);
  }
  return new Set(rows.flatMap(({ id, visible }) => (visible ? [id] : [])));
}

/** Where only some were taken anew the others stay. */
function mergeComputed(
  known: JsonObject,
  { computed }: Evaluation,
  everything: boolean,
): JsonObject {
  const merged = everything ? {} : { ...known };
  for (const [name, value] of computed) {
    if (value === undefined) delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

/** Null: never. */
function isLater(at: number | null, than: number | null): boolean {
  return than !== null && (at === null || at > than);
}

/** The last moment of year 9999: what is to change later is never checked. */
const endOfTime = 253_402_300_799_999;

function storableTime(at: number): number | null {
  return at > endOfTime ? null : at;
}

type Moves = Pick<EvaluationReport, 'entered' | 'left'>;

/** A member that lives on in another profile has not left. */
function countMoves(
  outcomes: readonly Outcome[],
  rowsGone: readonly Membership[],
  origins: EvaluationBatch['origins'],
): Moves {
  const livesOn = new Set<string>();
  for (const { profile, evaluation } of outcomes) {
    for (const origin of origins.get(profile.id) ?? []) {
      for (const audience of evaluation.meets) livesOn.add(JSON.stringify([audience, origin]));
    }
  }
  const gone = rowsGone.filter(
    ({ audience, profileId }) => !livesOn.has(JSON.stringify([audience, profileId])),
  );
  return {
    entered: count(outcomes.flatMap(({ decision }) => decision.entered)),
    left: count([
      ...outcomes.flatMap(({ decision }) => decision.left),
      ...gone.map(({ audience }) => audience),
    ]),
  };
}

function count(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
