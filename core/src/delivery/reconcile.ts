// Compares the ledger with what the vendor says is on a list, and forgets what the ledger believes
// where an operator says so. Only rows that this hub put there are judged; strangers are counted.
import { isoTime, statement, type Transaction } from '../store/store.ts';
import { withinTime } from './send/call-plugin.ts';
import { nameOf } from './send/vendor-words.ts';
import { hashKey } from './plan/vendor-keys.ts';
import { changeRules } from './plan/plan-states.ts';
import { createBookKeeper } from './books.ts';
import { reviseOpenChange } from './state/decide-change.ts';
import type { LedgerRow } from './state/ledger-row.ts';
import { withoutJob } from './state/settle-change.ts';
import { lockLedgerByKeys, writeLedgerRows } from './state/rows.ts';
import type { InstanceWorld } from './world.ts';

export interface ReconcileReport {
  readonly list: string;
  /** Keys that the vendor has and the ledger does not claim. They are left alone. */
  readonly strangers: number;
  readonly found: number;
  /** Believed to be there and not found: they are put back where they are wanted. */
  readonly missing: number;
}

const markSeen = statement(
  'reconcile.mark_seen',
  `UPDATE ledger l SET seen_at = $4::timestamptz, vendor_id = coalesce(q.vendor_id, l.vendor_id),
     presence = CASE WHEN l.presence = 'in_doubt' AND l.status = 'settled' THEN 'confirmed'
                     ELSE l.presence END
   FROM unnest($3::uuid[], $5::text[]) AS q(key_hash, vendor_id)
   WHERE l.instance = $1 AND l.list = $2 AND l.key_hash = q.key_hash AND l.presence <> 'absent'
   RETURNING l.key_hash AS "keyHash"`,
);

/** Not those that changed while the list was read: about them it says nothing. */
const selectUnseen = statement(
  'reconcile.select_unseen',
  `SELECT key_hash AS "keyHash" FROM ledger
   WHERE instance = $1 AND list = $2 AND presence IN ('confirmed', 'in_doubt')
     AND status IN ('settled', 'due', 'held') AND changed_at < $3::timestamptz
     AND (seen_at IS NULL OR seen_at < $3::timestamptz)
   ORDER BY key_hash LIMIT 200`,
);

const selectKeySlice = statement(
  'reconcile.select_key_slice',
  `SELECT DISTINCT key_hash AS "keyHash" FROM ledger WHERE instance = $1 AND key_hash > $2::uuid
   ORDER BY key_hash LIMIT 200`,
);

/** Undefined where the plugin cannot read lists back. */
export async function reconcileList(
  world: InstanceWorld,
  list: string,
): Promise<ReconcileReport | undefined> {
  const audiences = world.destination.plugin.audiences;
  if (!audiences?.list) return undefined;
  const startedAt = world.clock.now();
  let found = 0;
  let strangers = 0;
  // The time-out of a call bounds each page; reading a long list takes as long as it takes.
  const pages = await withinTime(world, (call) =>
    Promise.resolve(audiences.list?.({ ...call, list })[Symbol.asyncIterator]()),
  );
  while (pages !== undefined) {
    const page = await withinTime(world, () => pages.next());
    if (page.done === true) break;
    const seen = await markPage(world, list, page.value, startedAt);
    found += seen;
    strangers += page.value.length - seen;
  }
  const missing = await noteMissing(world, list, startedAt);
  return { list, strangers, found, missing };
}

async function markPage(
  world: InstanceWorld,
  list: string,
  page: readonly { readonly key: string; readonly vendorId?: string }[],
  startedAt: number,
): Promise<number> {
  const rows = await world.store.query<{ keyHash: string }>('background', markSeen, [
    world.id,
    list,
    page.map(({ key }) => hashKey(key)),
    isoTime(startedAt),
    page.map(({ vendorId }) => nameOf(vendorId) ?? null),
  ]);
  return rows.length;
}

async function noteMissing(world: InstanceWorld, list: string, before: number): Promise<number> {
  for (let missing = 0; ;) {
    const count = await world.store.transaction('background', async (transaction) => {
      const unseen = await transaction.query<{ keyHash: string }>(selectUnseen, [
        world.id,
        list,
        isoTime(before),
      ]);
      const keyHashes = unseen.map((row) => row.keyHash);
      await reviseRows(world, transaction, keyHashes, (row) =>
        row.list === list ? { ...row, presence: 'absent', presenceBefore: 'absent' } : row,
      );
      return keyHashes.length;
    });
    missing += count;
    if (count === 0) return missing;
  }
}

/** Forgets what may be at the destination: everything the ledger knows is in doubt and is sent again. */
export async function resetInstance(
  world: InstanceWorld,
  by: string,
  onProgress: (done: number) => void = () => undefined,
): Promise<number> {
  let done = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const last = await world.store.transaction('background', async (transaction) => {
      const slice = await transaction.query<{ keyHash: string }>(selectKeySlice, [world.id, after]);
      const keyHashes = slice.map((row) => row.keyHash);
      await reviseRows(
        world,
        transaction,
        keyHashes,
        (row) => ({ ...row, presence: 'in_doubt' }),
        (row) => (row.status === 'polling' ? withoutJob(row, world.clock.now()) : row),
      );
      done += keyHashes.length;
      return keyHashes.at(-1);
    });
    onProgress(done);
    if (last === undefined) break;
    after = last;
  }
  await world.store.transaction('background', (transaction) =>
    world.audit(transaction, [
      { kind: 'ledger.reset', instance: world.id, details: { by, keys: done } },
    ]),
  );
  return done;
}

/** Rows that are under way keep their request; `release` may end the wait for a job. */
async function reviseRows(
  world: InstanceWorld,
  transaction: Transaction,
  keyHashes: readonly string[],
  revise: (row: LedgerRow) => LedgerRow,
  release: (row: LedgerRow) => LedgerRow = (row) => row,
): Promise<void> {
  const rows = await lockLedgerByKeys(transaction, world.id, keyHashes);
  const books = createBookKeeper(world.id);
  const now = world.clock.now();
  const steps = rows
    .map(release)
    .filter((row) => row.status !== 'sending' && row.status !== 'polling')
    .map((row) => ({ row, step: reviseOpenChange(row, revise(row), changeRules(world, now)) }));
  for (const { row, step } of steps) {
    books.note(row.list, row.list === '' ? 'profile' : 'audience', step.books);
  }
  await writeLedgerRows(
    transaction,
    steps.map(({ step }) => ({ ...step.row, changedAt: now })),
  );
  await books.write(transaction);
}
