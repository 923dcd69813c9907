// Sends one group of due changes: claim and commit them as in doubt, cut them into calls, and settle
// what comes back.
import type { ChangeDelivery } from '@tributary/sdk';
import { isoTime } from '../../store/store.ts';
import { isListComputing, passListGuard } from '../guards.ts';
import type { RunState } from '../instance-state.ts';
import { cutBatches } from '../send/batches.ts';
import type { PluginCall } from '../send/call-plugin.ts';
import { ship } from '../send/ship.ts';
import type { InstanceWorld } from '../world.ts';
import { disclosingGate, type BasesByHandle } from '../disclosure/bases.ts';
import { discloseStates } from '../disclosure/note-disclosures.ts';
import { changeIdOf } from './change-id.ts';
import { gateStates } from './gate-states.ts';
import type { LedgerRow, Operation, RemovalCause } from './ledger-row.ts';
import { claimDue, selectNextGroup, selectUrgentGroup } from './plans.ts';
import { readLedgerRows } from './rows.ts';
import { settleStates } from './settle-states.ts';

interface Group {
  readonly list: string;
  readonly operation: Operation;
  readonly cause: RemovalCause | null;
}

/** Removals for these causes go before all else and are never held by a guard. */
const urgentCauses: readonly RemovalCause[] = ['consent', 'erased'];

/** True when something was sent or put off: there may be more. */
export async function sendStates(world: InstanceWorld, state: RunState): Promise<boolean> {
  const urgent = await selectGroup(world, true);
  if (urgent !== undefined) return sendGroup(world, urgent, urgentCauses);
  if (state !== 'running') return false;
  const group = await selectGroup(world, false);
  if (group === undefined) return false;
  if (!(await passListGuard(world, group.list))) return false;
  if (group.operation === 'remove' && (await isListComputing(world, group.list))) {
    return putOff(world, group);
  }
  return sendGroup(world, group, null);
}

async function selectGroup(world: InstanceWorld, urgent: boolean): Promise<Group | undefined> {
  const [group] = await world.store.query<{
    list: string;
    operation: Operation;
    cause: RemovalCause | null;
  }>('gate', urgent ? selectUrgentGroup : selectNextGroup, [world.id, isoTime(world.clock.now())]);
  return group;
}

async function sendGroup(
  world: InstanceWorld,
  group: Group,
  causes: readonly RemovalCause[] | null,
): Promise<boolean> {
  const rows = await claim(world, group, causes);
  // Whom the vendor can forget altogether is not only taken off a list.
  const canErase = world.destination.plugin.erase !== undefined;
  const byFeature = Map.groupBy(rows, (row) => canErase && row.cause === 'erased');
  for (const [erased, own] of byFeature) {
    const items = own.map((row) => ({ ...row, payload: row.flying ?? {} }));
    for (const batch of cutBatches(items, world.limits)) {
      await sendBatch(world, { ...group, erased }, batch);
    }
  }
  return rows.length > 0;
}

async function claim(
  world: InstanceWorld,
  { list, operation }: Group,
  causes: readonly RemovalCause[] | null,
): Promise<LedgerRow[]> {
  return world.store.transaction('gate', async (transaction) => {
    const claimed = await transaction.query<{ keyHash: string }>(claimDue, [
      world.id,
      isoTime(world.clock.now()),
      list,
      operation,
      causes,
      world.limits.batchRecords,
    ]);
    if (claimed.length === 0) return [];
    const keyHashes = claimed.map((row) => row.keyHash);
    const rows = await readLedgerRows(transaction, world.id, list, keyHashes);
    if (list === '' && operation === 'add' && !world.settings.dryRun) {
      await world.handOut(transaction, [...new Set(rows.map((row) => row.profileId))]);
    }
    return rows;
  });
}

async function sendBatch(
  world: InstanceWorld,
  { list, operation, erased }: Group & { readonly erased: boolean },
  rows: readonly LedgerRow[],
): Promise<void> {
  const bases: BasesByHandle = new Map();
  const gate = disclosingGate<LedgerRow>(world, {
    gate: (items) => gateStates(world, items),
    bases,
    disclose(transaction, passed) {
      const shown = rows.filter((row) => passed.has(row.keyHash));
      return discloseStates(world, transaction, shown, passed);
    },
  });
  const settlements = await ship(world, {
    items: rows,
    handleOf: (row) => row.keyHash,
    gate: operation === 'add' ? gate : undefined,
    invoke: (call, items) =>
      erased ? invokeErase(world, call, items) : invoke(world, call, items, list, operation),
  });
  await settleStates(world, list, 'sending', settlements, bases);
}

async function invoke(
  world: InstanceWorld,
  call: PluginCall,
  rows: readonly LedgerRow[],
  list: string,
  operation: Operation,
): Promise<unknown> {
  const { audiences, profiles } = world.destination.plugin;
  const base = rows.map((row) => baseOf(row, false));
  if (list === '') {
    const deliveries = base.map((delivery, place) => ({
      ...delivery,
      profileId: rows[place]?.profileId ?? '',
      previous: rows[place]?.sent ?? null,
      next: rows[place]?.flying ?? null,
    }));
    return profiles?.upsert({ ...call, deliveries });
  }
  const deliveries = base.map((delivery, place) => ({
    ...delivery,
    traits: rows[place]?.flying ?? {},
  }));
  if (operation === 'add') return audiences?.add({ ...call, list, deliveries });
  return audiences?.remove?.({ ...call, list, deliveries });
}

async function invokeErase(
  world: InstanceWorld,
  call: PluginCall,
  rows: readonly LedgerRow[],
): Promise<unknown> {
  const deliveries = rows.map((row) => baseOf(row, true));
  return world.destination.plugin.erase?.({ ...call, deliveries });
}

/** Exactly what was uploaded, whatever the person is called now. */
function baseOf(row: LedgerRow, erased: boolean): ChangeDelivery {
  return {
    handle: row.keyHash,
    changeId: changeIdOf(row, erased),
    key: row.vendorKey,
    identifier: { namespace: row.namespace, value: row.value },
    ...(row.vendorId !== null && { vendorId: row.vendorId }),
  };
}

/** Looked at again soon: an audience that is being computed is not known to have lost anybody yet. */
async function putOff(world: InstanceWorld, { list, operation }: Group): Promise<boolean> {
  const rows = await claim(world, { list, operation, cause: null }, null);
  const until = world.clock.now() + 5_000;
  const settlements = new Map(
    rows.map((row) => [row.keyHash, { kind: 'deferred', until } as const]),
  );
  await settleStates(world, list, 'sending', settlements);
  return rows.length > 0;
}
