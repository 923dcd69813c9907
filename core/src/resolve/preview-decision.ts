// What a decision about who is who would do: it is resolved like the record it would be, looked at, and
// rolled back. So a preview cannot differ from what happens, and costs what the decision costs.
import { evidenceOf, identifiersOf, mergePath, type Evidence } from '../identity/explain.ts';
import { findByIdentifier } from '../identity/find.ts';
import type { DecisionRecord } from '../standardise/decision-record.ts';
import type { RecordProblem } from '../standardise/problem.ts';
import { standardiseDecision } from '../standardise/standardise-decision.ts';
import type { StandardIdentifier, StandardRecord } from '../standardise/standard-record.ts';
import type { Queryable, Store, Transaction } from '../store/store.ts';
import { lockCursor } from './plans.ts';
import { resolveRecords } from './resolve-batch.ts';
import type { ResolveRoom } from './room.ts';

export interface DecidedPerson {
  readonly profileId: string;
  /** Some of many. */
  readonly identifiers: readonly { readonly namespace: string; readonly value: string }[];
}

export interface DecisionEffect {
  /** The profiles of the two before; fewer than two where they are one, or not known. */
  readonly before: readonly string[];
  /** The people that the two belong to then: one or two. */
  readonly after: readonly DecidedPerson[];
  /** What joins them then, where they are one. */
  readonly path: readonly Evidence[];
  /** What keeps a pair of the two from joining them. */
  readonly rejectedBy: string | undefined;
  readonly audiences: readonly {
    readonly audience: string;
    readonly entered: number;
    readonly left: number;
  }[];
}

export type DecisionPreview =
  /** `unknown`: one of the two was never named. */
  | { readonly kind: 'effect'; readonly unknown: boolean; readonly effect: DecisionEffect }
  | { readonly kind: 'refused'; readonly problem: RecordProblem };

export async function previewDecision(
  decision: DecisionRecord,
  { store, room }: { readonly store: Store; readonly room: ResolveRoom },
): Promise<DecisionPreview> {
  const { settings, keys } = room;
  const standard = standardiseDecision(headerAt(room.now()), decision, settings, keys);
  if ('problem' in standard) return { kind: 'refused', problem: standard.problem };
  const undone = new Error('rolled back on purpose');
  let preview: DecisionPreview | undefined;
  try {
    await store.transaction('resolve', async (transaction) => {
      // Nobody resolves meanwhile.
      await transaction.query(lockCursor);
      preview = await tryOut(transaction, standard.record, room);
      throw undone;
    });
  } catch (error) {
    if (error !== undone || preview === undefined) throw error;
    return preview;
  }
  throw new Error('PREVIEW_KEPT: a preview was not rolled back. Report it.');
}

function headerAt(now: number): Parameters<typeof standardiseDecision>[0] {
  const messageHash = '00000000-0000-0000-0000-000000000000';
  return { number: 0, source: '', messageHash, receivedAt: now, at: now, historical: false };
}

async function tryOut(
  transaction: Transaction,
  record: StandardRecord,
  room: ResolveRoom,
): Promise<DecisionPreview> {
  const ends = record.identifiers;
  const before = await profilesOf(transaction, ends);
  const report = await resolveRecords(transaction, [record], false, {
    ...room,
    appendAudit: () => Promise.resolve(),
  });
  const after = await profilesOf(transaction, ends);
  const names = new Set([...report.entered.keys(), ...report.left.keys()]);
  const effect = {
    before: [...new Set(before)],
    after: await Promise.all([...new Set(after)].map((id) => describe(transaction, id))),
    ...(await whyOf(transaction, ends, after)),
    audiences: [...names].sort().map((audience) => ({
      audience,
      entered: report.entered.get(audience) ?? 0,
      left: report.left.get(audience) ?? 0,
    })),
  };
  return { kind: 'effect', unknown: before.length < 2, effect };
}

async function profilesOf(
  queryable: Queryable,
  ends: readonly StandardIdentifier[],
): Promise<string[]> {
  const found: string[] = [];
  for (const { hash } of ends) {
    const finding = await findByIdentifier(queryable, hash);
    if (finding.kind === 'profile') found.push(finding.profileId);
  }
  return found;
}

/** What is shown of one person. */
const mostShown = 50;

async function describe(queryable: Queryable, profileId: string): Promise<DecidedPerson> {
  const found = await identifiersOf(queryable, profileId);
  const identifiers = found
    .slice(0, mostShown)
    .map(({ namespace, value }) => ({ namespace, value }));
  return { profileId, identifiers };
}

async function whyOf(
  queryable: Queryable,
  [one, other]: readonly StandardIdentifier[],
  [first = '', second = '']: readonly string[],
): Promise<Pick<DecisionEffect, 'path' | 'rejectedBy'>> {
  if (one === undefined || other === undefined) return { path: [], rejectedBy: undefined };
  if (first === second) {
    const path = await mergePath(queryable, first, one.hash, other.hash);
    return { path: path ?? [], rejectedBy: undefined };
  }
  const hashes = [one.hash, other.hash];
  const pair = (await evidenceOf(queryable, first)).find(
    ({ left, right }) => hashes.includes(left.hash) && hashes.includes(right.hash),
  );
  return { path: [], rejectedBy: pair?.rejectedBy };
}
