// Carries an erasure out: goes through the log, has every destination erase, and forgets whom it was about
// once nobody needs to know any more. Each step can be repeated; a crash repeats it.
import { appendAudit } from '../audit/append.ts';
import { forgetDisclosures, readDisclosures } from '../delivery/forget.ts';
import type { ErasedSubject, ErasureStanding } from '../delivery/pursue-erasure.ts';
import type { StandardIdentifier, StandardRecord } from '../standardise/standard-record.ts';
import { readerOf } from '../store/reader.ts';
import { isoTime } from '../store/store.ts';
import { hideRecords, readRecords } from './notice.ts';
import * as plans from './plans.ts';
import { purgeLogSlice, purgeWords } from './purge.ts';
import type { RequestRow, TaskRow } from './requests.ts';
import { createValues } from './values.ts';
import type { PrivacyWorld } from './world.ts';

interface Subject {
  requestId: string;
  hash: string;
  at: number;
}

/** One step for all that are open; true when there may be more to do at once. */
export async function carryOut(world: PrivacyWorld): Promise<boolean> {
  const reader = readerOf(world.store);
  const open = await reader.query<RequestRow>(plans.selectOpenErasures);
  if (open.length === 0) return false;
  const subjects = await reader.query<Subject>(plans.selectSubjects, [open.map(({ id }) => id)]);
  const byRequest = Map.groupBy(subjects, ({ requestId }) => requestId);
  let busy = await scan(open, subjects, world);
  for (const request of open) {
    const done = await pursue(request, byRequest.get(request.id) ?? [], world);
    busy = busy || done;
  }
  return busy;
}

function isScanned({ scanned, scanTo }: RequestRow): boolean {
  return scanned >= (scanTo ?? 0);
}

/** Those that stand at the same place go on together: one reading of the log for all of them. */
async function scan(
  open: readonly RequestRow[],
  subjects: readonly Subject[],
  world: PrivacyWorld,
): Promise<boolean> {
  const waiting = open.filter((request) => !isScanned(request));
  if (waiting.length === 0) return false;
  const after = Math.min(...waiting.map(({ scanned }) => scanned));
  const group = waiting.filter(({ scanned }) => scanned === after);
  const upTo = Math.max(...group.map(({ scanTo }) => scanTo ?? 0));
  const ids = new Set(group.map(({ id }) => id));
  const erased = new Map<string, number>();
  for (const { requestId, hash, at } of subjects) {
    if (ids.has(requestId)) erased.set(hash, Math.max(at, erased.get(hash) ?? -Infinity));
  }
  const reached = await purgeLogSlice(erased, after, upTo, world);
  if (reached >= upTo) for (const request of group) await purgeOthers(request, world);
  await world.store.query('background', plans.advanceScan, [[...ids], reached]);
  return true;
}

async function purgeOthers(request: RequestRow, world: PrivacyWorld): Promise<void> {
  const records = await recordsOf(request, world);
  const identifiers = records.flatMap(namedIn);
  if (identifiers.length > 0) await purgeWords(createValues(identifiers, world.room), world);
}

async function recordsOf(
  { id, number }: RequestRow,
  world: PrivacyWorld,
): Promise<readonly StandardRecord[]> {
  return number === null ? [] : readRecords(readerOf(world.store), { id, number }, world);
}

function namedIn({ identifiers, contacts }: StandardRecord): readonly StandardIdentifier[] {
  return [...identifiers, ...contacts];
}

const settled: ReadonlySet<TaskRow['state']> = new Set(['done', 'not_held', 'kept', 'confirmed']);
const hopeful: ReadonlySet<TaskRow['state']> = new Set(['waiting', 'pending']);

/** True when the request is done. */
async function pursue(
  request: RequestRow,
  subjects: readonly Subject[],
  world: PrivacyWorld,
): Promise<boolean> {
  const records = await recordsOf(request, world);
  const named = new Map(records.flatMap(namedIn).map((one) => [one.hash, one]));
  const asked = subjects.map(({ hash }): ErasedSubject => {
    const identifier = named.get(hash);
    return { hash, identifier: identifier && { ...identifier } };
  });
  await pursueDestinations(request, asked, world);
  const tasks = await readerOf(world.store).query<TaskRow>(plans.selectTasks, [request.id]);
  if (!isScanned(request) || tasks.some(({ state }) => hopeful.has(state))) return false;
  if (records.length > 0) await hide(request, records, world);
  if (!tasks.every(({ state }) => settled.has(state))) return false;
  return finish(request, subjects, tasks, world);
}

async function pursueDestinations(
  request: RequestRow,
  subjects: readonly ErasedSubject[],
  world: PrivacyWorld,
): Promise<void> {
  const { store, delivery, enabled, room } = world;
  const running = [...delivery.instances.keys()];
  const hashes = subjects.map(({ hash }) => hash);
  const shown = await readDisclosures(readerOf(store), hashes);
  const gone = new Set(shown.map(({ instance }) => instance).filter((id) => !running.includes(id)));
  const standings = new Map<string, ErasureStanding>();
  for (const id of running) {
    const question = { subjects, number: request.number ?? 0 };
    standings.set(id, await delivery.pursueErasure(id, question));
  }
  // What does not run may run again; what config no longer names is left to people.
  for (const id of gone) standings.set(id, { state: enabled.has(id) ? 'waiting' : 'by_hand' });
  for (const [id, { state, outcome, answeredAt }] of standings) {
    await store.query('background', plans.upsertTask, [
      request.id,
      id,
      state,
      outcome ?? null,
      answeredAt === undefined ? null : isoTime(answeredAt),
      isoTime(room.now()),
    ]);
  }
}

/** Nobody who still works on it needs to know whom it is about. */
async function hide(
  request: RequestRow,
  records: readonly StandardRecord[],
  world: PrivacyWorld,
): Promise<void> {
  await purgeOthers(request, world);
  await world.store.transaction('background', (transaction) => hideRecords(transaction, records));
}

async function finish(
  request: RequestRow,
  subjects: readonly Subject[],
  tasks: readonly TaskRow[],
  { store, room }: PrivacyWorld,
): Promise<boolean> {
  const now = room.now();
  const destinations = Object.fromEntries(tasks.map(({ instance, state }) => [instance, state]));
  return store.transaction('background', async (transaction) => {
    const [done] = await transaction.query(plans.finishRequest, [request.id, isoTime(now)]);
    if (done === undefined) return false;
    await forgetDisclosures(
      transaction,
      subjects.map(({ hash }) => hash),
    );
    await appendAudit(transaction, [
      {
        kind: 'privacy.done',
        at: now,
        actor: 'privacy',
        details: { request: request.id, kind: request.kind, destinations },
      },
    ]);
    return true;
  });
}
