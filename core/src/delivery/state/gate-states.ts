// The gate for additions: who was claimed is looked up afresh, by the same rules as planning, the
// moment before the request.
import { decideDesired, listsOf, type ListSettings } from '../plan/desired.ts';
import { selectKeyHolders } from '../plan/plans.ts';
import { loadSupports, type Support } from '../plan/supports.ts';
import { isKeyFailure, vendorKeyOf } from '../plan/vendor-keys.ts';
import type { GateFinding } from '../send/ship.ts';
import type { InstanceWorld } from '../world.ts';
import type { LedgerRow } from './ledger-row.ts';

/** A stop on another address of the person is resolved, and a merge planned, within moments; until then she waits. */
const unresolvedMs = 1_000;

export async function gateStates(
  world: InstanceWorld,
  rows: readonly LedgerRow[],
): Promise<Map<string, GateFinding>> {
  const now = world.clock.now();
  const supports = await loadBehind(world, rows);
  const byKey = Map.groupBy(supports, (support) => {
    const key = vendorKeyOf(world, support.identifier);
    return isKeyFailure(key) ? '' : key.hash;
  });
  const lists = listsOf(world.settings);
  return new Map(
    rows.map((row) => [
      row.keyHash,
      judge(lists.get(row.list), byKey.get(row.keyHash) ?? [], row, now),
    ]),
  );
}

async function loadBehind(world: InstanceWorld, rows: readonly LedgerRow[]): Promise<Support[]> {
  return world.store.transaction('gate', async (transaction) => {
    const holders = await transaction.query<{ identifierId: number }>(selectKeyHolders, [
      world.id,
      rows.map((row) => row.keyHash),
    ]);
    const ids = new Set(rows.map((row) => row.identifierId));
    for (const { identifierId } of holders) ids.add(identifierId);
    return loadSupports(world, transaction, [...ids]);
  });
}

function judge(
  list: ListSettings | undefined,
  supports: readonly Support[],
  row: LedgerRow,
  now: number,
): GateFinding {
  const desired = decideDesired({ list, supports, erased: false });
  if (!desired.wanted) {
    const { cause } = desired;
    return cause === 'consent'
      ? refuse({ kind: 'filtered', by: 'gate', reason: reasonOf(supports) })
      : refuse({ kind: 'superseded', reason: `no longer wanted: ${cause}` });
  }
  const speaks = supports.filter((support) => support.profileId === desired.profileId);
  // The content was mapped from this person's traits; somebody else's consent does not cover it. The key is
  // wanted all the same: planning writes who speaks for it now.
  const isCovered = desired.profileId === row.profileId || isGranted(supports, row.profileId);
  if (!isCovered || speaks.some((support) => support.consent.unresolved)) {
    return refuse({ kind: 'deferred', until: now + unresolvedMs });
  }
  const hashes = [...new Set(supports.flatMap((support) => support.hashes))];
  return { pass: true, hashes, bases: speaks.flatMap((support) => support.consent.bases) };
}

function isGranted(supports: readonly Support[], profileId: string): boolean {
  return supports.some((support) => support.profileId === profileId && support.consent.granted);
}

function reasonOf(supports: readonly Support[]): string {
  const refused = supports.find((support) => !support.consent.granted);
  return `consent: ${refused?.consent.reason ?? 'nobody'}`;
}

function refuse(settlement: (GateFinding & { pass: false })['settlement']): GateFinding {
  return { pass: false, settlement };
}
