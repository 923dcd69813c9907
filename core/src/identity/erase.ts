// Erasure, as identity sees it: what is known of an identifier up to a time is taken away, and the
// same facts arriving late are not taken in again.
import type { StandardIdentifier, StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import type { ErasedIdentifier, Move } from './change.ts';
import { eraseEarlierForms } from './earlier-form-plans.ts';
import * as plans from './erase-plans.ts';
import type { Sighting } from './gather.ts';
import type { Known, KnownIdentifier } from './known.ts';

export interface Erasures {
  readonly erased: readonly ErasedIdentifier[];
  /** Persons that are gone with the profile they were in. */
  readonly gone: readonly Move[];
  /** Components to be computed anew. */
  readonly labels: ReadonlySet<number>;
  /** Times of logins that were taken away, by device. */
  readonly devices: ReadonlyMap<number, readonly number[]>;
  /**
   * Profiles, as before the batch, that lost facts or a shared contact point, or may have: owners of
   * erased devices too.
   */
  readonly concerned: readonly string[];
}

export interface Erasure {
  readonly identifier: StandardIdentifier;
  at: number;
  number: number;
}

export const noErasures: Erasures = {
  erased: [],
  gone: [],
  labels: new Set(),
  devices: new Map(),
  concerned: [],
};

/** Writes down the batch's erasures, whatever their place in it, and tells `known` of them. */
export async function noteErasures(
  transaction: Transaction,
  records: readonly StandardRecord[],
  known: Known,
): Promise<readonly Erasure[]> {
  const erasures = [...gatherErasures(records).values()];
  if (erasures.length === 0) return [];
  const columns = [
    erasures.map(({ identifier }) => identifier.hash),
    erasures.map(({ at }) => isoTime(at)),
    erasures.map(({ number }) => number),
  ];
  await transaction.query(plans.upsertErasures, columns);
  await transaction.query(eraseEarlierForms, columns);
  for (const { identifier, at } of erasures) {
    const before = known.erasedAt.get(identifier.hash) ?? Number.NEGATIVE_INFINITY;
    known.erasedAt.set(identifier.hash, Math.max(at, before));
  }
  return erasures;
}

/** Takes away what is stored. `sightings` of the batch are newer than the erasures. */
export async function eraseIdentifiers(
  transaction: Transaction,
  erasures: readonly Erasure[],
  sightings: ReadonlyMap<string, Sighting>,
  known: Known,
): Promise<Erasures> {
  const hit = erasures.flatMap(({ identifier: { hash }, at: asked }) => {
    const row = known.byHash.get(hash);
    if (row === undefined) return [];
    const at = known.erasedAt.get(hash) ?? asked;
    return [{ row, at, gone: row.lastAt <= at && !sightings.has(hash) }];
  });
  return hit.length === 0 ? noErasures : takeAway(transaction, hit, known);
}

/** The latest erasure of each identifier counts, contact points included. */
function gatherErasures(records: readonly StandardRecord[]): Map<string, Erasure> {
  const erasures = new Map<string, Erasure>();
  for (const record of records) {
    if (record.type !== 'delete') continue;
    for (const identifier of [...record.identifiers, ...record.contacts]) {
      const known = erasures.get(identifier.hash);
      if (known !== undefined && known.at >= record.at) continue;
      erasures.set(identifier.hash, { identifier, at: record.at, number: record.number });
    }
  }
  return erasures;
}

interface Hit {
  readonly row: KnownIdentifier;
  readonly at: number;
  /** Nothing newer is known of it. */
  readonly gone: boolean;
}

interface ProfileRow {
  profile_id: string;
}

interface LostPair {
  left_id: number;
  right_id: number;
  left_component: number;
  right_component: number;
}

async function takeAway(
  transaction: Transaction,
  hit: readonly Hit[],
  known: Known,
): Promise<Erasures> {
  const asked = [hit.map(({ row }) => row.id), hit.map(({ at }) => isoTime(at))];
  const owners = await transaction.query<ProfileRow>(plans.selectConcerned, asked);
  const lost = await transaction.query<LostPair>(plans.deleteEvidence, asked);
  await transaction.query(plans.deleteErasedSpares, asked);
  if (lost.length > 0) {
    await transaction.query(plans.promoteSpares, [
      lost.map((pair) => pair.left_id),
      lost.map((pair) => pair.right_id),
    ]);
  }
  const logins = await transaction.query<{ device_id: number; at: number }>(
    plans.deleteLogins,
    asked,
  );
  const holders = await transaction.query<ProfileRow>(plans.deleteContacts, asked);
  await transaction.query(plans.deleteDecisions, asked);
  const gone = await settleIdentifiers(transaction, hit, known);
  const labels = new Set(lost.flatMap((pair) => [pair.left_component, pair.right_component]));
  for (const { row } of hit) if (row.identifier.kind === 'person') labels.add(row.component);
  return {
    erased: hit.map(erasedFrom),
    gone,
    labels,
    devices: groupTimes(logins),
    concerned: [...owners, ...holders].map((row) => row.profile_id),
  };
}

function erasedFrom({ row, at, gone }: Hit): ErasedIdentifier {
  return { hash: row.identifier.hash, id: row.id, at, gone };
}

async function settleIdentifiers(
  transaction: Transaction,
  hit: readonly Hit[],
  known: Known,
): Promise<Move[]> {
  const gone = hit.filter((one) => one.gone);
  const renewed = hit.filter((one) => !one.gone);
  if (renewed.length > 0) {
    const columns = [renewed.map(({ row }) => row.id), renewed.map(({ at }) => isoTime(at))];
    await transaction.query(plans.renewIdentifiers, columns);
    for (const { row, at } of renewed) row.firstAt = at;
  }
  if (gone.length > 0) {
    await transaction.query(plans.deleteIdentifiers, [gone.map(({ row }) => row.id)]);
    for (const { row } of gone) known.byHash.delete(row.identifier.hash);
  }
  return gone.flatMap(({ row }) =>
    row.profileId === null ? [] : [{ id: row.id, before: row.profileId, after: undefined }],
  );
}

function groupTimes(logins: readonly { device_id: number; at: number }[]): Map<number, number[]> {
  const times = new Map<number, number[]>();
  for (const { device_id, at } of logins) {
    const known = times.get(device_id);
    if (known === undefined) times.set(device_id, [at]);
    else known.push(at);
  }
  return times;
}
