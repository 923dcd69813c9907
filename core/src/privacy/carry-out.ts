// Carries an erasure out: goes through the log, has every destination erase, and forgets whom it was about
// once nobody needs to know any more. Each step can be repeated; a crash repeats it.
import { appendAudit } from '../audit/append.ts';
import {
  clearStrayWords,
  forgetDisclosures,
  forgetKeys,
  readDisclosures,
} from '../delivery/forget.ts';
import type { ErasedSubject, ErasureStanding } from '../delivery/pursue-erasure.ts';
import type { StandardIdentifier, StandardRecord } from '../standardise/standard-record.ts';
import { readCursor } from '../store/cursor.ts';
import { readerOf } from '../store/reader.ts';
import { isoTime, type Queryable } from '../store/store.ts';
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

/** As many as one step looks at. */
const atOnce = 100;

/** Behind which request the next step goes on with asking destinations. */
interface Place {
  readonly dueAt: number;
  readonly id: string;
}

const beginning: Place = { dueAt: -Infinity, id: '00000000-0000-0000-0000-000000000000' };

/** One step; true when there may be more to do at once. */
export type CarryOut = (world: PrivacyWorld) => Promise<boolean>;

/**
 * Any number of requests may wait for a person's hand or for a destination that sleeps. So the log is gone
 * through whatever destinations make of a request, and destinations are asked page by page, in turn.
 */
export function createCarryOut(): CarryOut {
  let place = beginning;

  async function pursuePage(world: PrivacyWorld): Promise<boolean> {
    const reader = readerOf(world.store);
    const page = [isoTime(place.dueAt), place.id, atOnce];
    const open = await reader.query<RequestRow>(plans.selectOpenErasures, page);
    const subjects = await subjectsOf(open, world);
    const through: Through[] = [];
    try {
      for (const request of open) {
        // Where it fails, the next step goes on behind it.
        place = request;
        through.push(...(await pursue(request, subjects.get(request.id) ?? [], world)));
      }
    } catch (error) {
      await finishAll(through, world);
      throw error;
    }
    if (open.length < atOnce) place = beginning;
    return finishAll(through, world);
  }

  return async (world) => {
    const scanned = await scan(world);
    return (await pursuePage(world)) || scanned;
  };
}

async function subjectsOf(
  requests: readonly RequestRow[],
  { store }: PrivacyWorld,
): Promise<ReadonlyMap<string, readonly Subject[]>> {
  if (requests.length === 0) return new Map();
  const ids = requests.map(({ id }) => id);
  const subjects = await readerOf(store).query<Subject>(plans.selectSubjects, [ids]);
  return Map.groupBy(subjects, ({ requestId }) => requestId);
}

function isScanned({ scanned, scanTo }: RequestRow): boolean {
  return scanned >= (scanTo ?? 0);
}

/**
 * The most urgent that can goes on, and with it all that stand at the same place: one reading of the log for
 * all of them. Those that come meanwhile wait together for the next. What is not resolved yet is waited for,
 * since resolve may hold it as it came.
 */
async function scan(world: PrivacyWorld): Promise<boolean> {
  const { store } = world;
  const reader = readerOf(store);
  const waiting = await reader.query<RequestRow>(plans.selectUnscanned, [atOnce]);
  if (waiting.length === 0) return false;
  const resolved = await readCursor(reader, 'resolve');
  const after = waiting.find(({ scanned }) => scanned < resolved)?.scanned;
  if (after === undefined) return false;
  const group = waiting.filter(({ scanned }) => scanned === after);
  const upTo = Math.min(resolved, Math.max(...group.map(({ scanTo }) => scanTo ?? 0)));
  const erased = erasedOf((await subjectsOf(group, world)).values());
  const reached = await purgeLogSlice(erased, after, upTo, world);
  const through = group.filter(({ scanTo }) => reached >= (scanTo ?? 0));
  for (const request of through) await purgeOthers(request, world);
  await store.query('background', plans.advanceScan, [group.map(({ id }) => id), reached]);
  return true;
}

function erasedOf(subjects: Iterable<readonly Subject[]>): Map<string, number> {
  const erased = new Map<string, number>();
  for (const { hash, at } of [...subjects].flat()) {
    erased.set(hash, Math.max(at, erased.get(hash) ?? -Infinity));
  }
  return erased;
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

/** A request of which nothing is left but to forget whom it was about. */
interface Through {
  readonly request: RequestRow;
  readonly subjects: readonly Subject[];
  readonly tasks: readonly TaskRow[];
}

/** The request, if it is through. */
async function pursue(
  request: RequestRow,
  subjects: readonly Subject[],
  world: PrivacyWorld,
): Promise<readonly Through[]> {
  const records = await recordsOf(request, world);
  const named = new Map(records.flatMap(namedIn).map((one) => [one.hash, one]));
  const asked = (await endsOf(request, subjects, readerOf(world.store))).map(
    (subject): ErasedSubject => {
      const identifier = named.get(subject.hash);
      return { ...subject, identifier: identifier && { ...identifier } };
    },
  );
  await pursueDestinations(request, asked, world);
  const tasks = await readerOf(world.store).query<TaskRow>(plans.selectTasks, [request.id]);
  if (!isScanned(request) || tasks.some(({ state }) => hopeful.has(state))) return [];
  if (records.length > 0) await hide(request, records, world);
  if (!tasks.every(({ state }) => settled.has(state))) return [];
  return [{ request, subjects, tasks }];
}

/**
 * Who was erased and is known again begins anew: what she has been shown since she asked is none of this
 * request's. Whoever nobody knows was shown all of it before.
 */
async function endsOf(
  { receivedAt }: RequestRow,
  subjects: readonly Subject[],
  queryable: Queryable,
): Promise<readonly { readonly hash: string; readonly upTo?: number }[]> {
  const rows = await queryable.query<{ hash: string }>(plans.selectReturned, [
    subjects.map(({ hash }) => hash),
    subjects.map(({ at }) => isoTime(at)),
  ]);
  const returned = new Set(rows.map(({ hash }) => hash));
  return subjects.map(({ hash }) => (returned.has(hash) ? { hash, upTo: receivedAt } : { hash }));
}

/** True when one is done. What vendors said since is looked for once, for all of them. */
async function finishAll(through: readonly Through[], world: PrivacyWorld): Promise<boolean> {
  if (through.length === 0) return false;
  for (const { subjects } of through) {
    await forgetKeys(
      world.store,
      subjects.map(({ hash }) => hash),
    );
  }
  await clearStrayWords(world.store);
  let busy = false;
  for (const one of through) busy = (await finish(one, world)) || busy;
  return busy;
}

async function pursueDestinations(
  request: RequestRow,
  subjects: readonly ErasedSubject[],
  world: PrivacyWorld,
): Promise<void> {
  const { store, delivery, enabled, room } = world;
  const running = [...delivery.instances.keys()];
  const reader = readerOf(store);
  const ends = new Map(subjects.map(({ hash, upTo = Infinity }) => [hash, upTo]));
  const disclosed = await readDisclosures(reader, [...ends.keys()]);
  const shown = disclosed.filter(({ hash, firstAt }) => firstAt < (ends.get(hash) ?? Infinity));
  const tasks = await reader.query<TaskRow>(plans.selectTasks, [request.id]);
  const erased = tasks.filter(({ state }) => state === 'done').map(({ instance }) => instance);
  const gone = new Set(shown.map(({ instance }) => instance))
    .difference(new Set(running))
    .difference(new Set(erased));
  const standings = new Map<string, ErasureStanding>();
  for (const id of running) {
    standings.set(id, await delivery.pursueErasure(id, { subjects }));
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
  { request, subjects, tasks }: Through,
  { store, room }: PrivacyWorld,
): Promise<boolean> {
  const now = room.now();
  const destinations = Object.fromEntries(tasks.map(({ instance, state }) => [instance, state]));
  return store.transaction('background', async (transaction) => {
    const [done] = await transaction.query(plans.finishRequest, [request.id, isoTime(now)]);
    if (done === undefined) return false;
    await forgetDisclosures(transaction, await endsOf(request, subjects, transaction));
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
