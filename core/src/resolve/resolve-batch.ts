// One batch, one transaction, one cursor: all that a run of events changes commits together with the
// place where resolve stands, so a crash anywhere repeats the batch and never half of it.
import { appendConsents, eraseConsents } from '../consent/append.ts';
import { dropErasedStops, dropResolvedStops, type ErasedStops } from '../consent/stop.ts';
import { resolveIdentities, type IdentityChange } from '../identity/resolve-identities.ts';
import { settleQuarantined, writeQuarantine } from '../intake/quarantine.ts';
import { noteSubjects, rewriteLog } from '../intake/rewrite-log.ts';
import { eraseFacts } from '../profile/erase.ts';
import { foldRecords } from '../profile/fold-records.ts';
import { markHolders, markProfilesChanged, refreshProfiles } from '../profile/refresh-profiles.ts';
import { namedBy, type StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { auditEntriesOf, decisionsIn } from './audit-entries.ts';
import { takeChange } from './change.ts';
import { moveCursor } from './plans.ts';
import type { Batch } from './read-batch.ts';
import { readLaterIdentifies } from './read-identifies.ts';
import type { BatchReport } from './report.ts';
import { isRebuild, type ResolveRoom } from './room.ts';
import { touchesOf } from './touches.ts';

export async function resolveBatch(
  transaction: Transaction,
  batch: Batch,
  room: ResolveRoom,
): Promise<BatchReport> {
  await rewriteLog(transaction, batch.aged);
  await writeQuarantine(transaction, batch.quarantined);
  const report = await resolveRecords(transaction, batch.records, batch.historical, room);
  if (isRebuild(room)) await settleAgain(transaction, batch, room.now());
  await dropResolvedStops(transaction, batch);
  await transaction.query(moveCursor, [batch.upTo]);
  return { ...report, upTo: batch.upTo, quarantined: batch.quarantined.length };
}

/** What a rebuild finds otherwise than it was when it was resolved first. */
async function settleAgain(transaction: Transaction, batch: Batch, now: number): Promise<void> {
  const { records, counting } = batch;
  await noteSubjects(transaction, records);
  if (counting.length > 0) {
    await settleQuarantined(transaction, counting, 'replayed', now, 'rebuild');
  }
}

/** The steps themselves; a replay from quarantine runs them without moving the cursor. */
export async function resolveRecords(
  transaction: Transaction,
  records: readonly StandardRecord[],
  historical: boolean,
  room: ResolveRoom,
): Promise<BatchReport> {
  const { settings, keys } = room;
  const now = room.now();
  const identity = await resolveIdentities(transaction, records, settings.identity, keys);
  const kept = records.filter((record) => !identity.erasedRecords.has(record.number));
  await eraseFacts(transaction, identity.erased, settings.profile, (erased) =>
    readLaterIdentifies(transaction, erased, room),
  );
  await eraseConsents(transaction, identity.erased);
  await dropErasedStops(transaction, erasuresIn(records));
  const { traitRecords, traitsLeftOut } = await foldRecords(
    transaction,
    kept,
    identity.ids,
    settings.profile,
  );
  const change = await takeChange(transaction);
  const stale = staleProfiles(records, traitRecords, identity);
  const { written, created } = await refreshProfiles(
    transaction,
    { ...identity, stale },
    change,
    settings.profile,
  );
  const consents = await appendConsents(transaction, records, identity, settings);
  const audience = room.evaluate
    ? await room.audiences.evaluate(transaction, {
        touched: identity.touched,
        touches: touchesOf(records, identity, created),
        vanished: identity.vanished,
        origins: identity.origins,
        now,
        cause: historical ? 'historical' : 'live',
        change,
      })
    : undefined;
  const visible = new Set([...identity.regrouped, ...identity.readdressed, ...written]);
  await markProfilesChanged(transaction, visible, change);
  await markHolders(transaction, consents.identifiers, change);
  const decisions = decisionsIn(records);
  const audit = await auditEntriesOf(transaction, decisions, identity, consents, now);
  await room.appendAudit(transaction, audit);
  return {
    upTo: 0,
    milliseconds: 0,
    quarantined: 0,
    events: kept.length,
    people: written.size,
    traitsLeftOut,
    largestComponent: identity.largestComponent,
    merges: identity.changes.filter((item) => item.kind === 'merged').length,
    splits: identity.changes.filter((item) => item.kind === 'split').length,
    consents: consents.entries,
    entered: audience?.entered ?? new Map(),
    left: audience?.left ?? new Map(),
  };
}

/** Of whomever they name: who was put aside alone is known to nobody, and stopped all the same. */
function erasuresIn(records: readonly StandardRecord[]): ErasedStops[] {
  return records.flatMap((record) =>
    record.type === 'delete'
      ? namedBy(record).map(({ hash }) => ({ hash, at: record.at, number: record.number }))
      : [],
  );
}

/** Profiles whose traits may be others now: set, erased, or made of other subjects. */
function staleProfiles(
  records: readonly StandardRecord[],
  traitRecords: ReadonlySet<number>,
  identity: IdentityChange,
): Set<string> {
  const stale = new Set(identity.regrouped);
  for (const record of records) {
    if (!traitRecords.has(record.number)) continue;
    const profileId = identity.profileOf.get(record.number);
    if (profileId) stale.add(profileId);
  }
  return stale;
}
