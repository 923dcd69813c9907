// One of several processes works. Another takes over where it dies or stops, nothing that an earlier one
// still writes is kept, and a withdrawal taken in by one is heard by the other before it is acknowledged.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasService, postgresUrl } from '../../../test/support/services.ts';
import { dropSchema, eachStore, emptyStore, freshSchema } from '../../../test/support/stores.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { AnnouncedStop } from '../delivery/dispatch-latch.ts';
import { systemClock } from '../observe/system-clock.ts';
import { openStore } from '../store/open.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { createDuty, type Duty, type Work } from './duty.ts';

const times = { lapse: 1_500, renewEvery: 100, giveUpAfter: 600 };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const note = (name: string) =>
  dynamicStatement('test.note', `INSERT INTO setting VALUES ('${name}', '1')`);
/** As the version before does it. */
const takeOver = dynamicStatement(
  'test.take_over',
  `UPDATE duty SET owner = gen_random_uuid(), epoch = epoch + 1,
     until = clock_timestamp() + interval '1 hour'`,
);
const letGo = dynamicStatement('test.let_go', `UPDATE duty SET until = '-infinity'`);
const stop = (place: number): AnnouncedStop => ({
  identifierHash: `00000000-0000-0000-0000-${String(place).padStart(12, '0')}`,
  purpose: '*',
  channel: 'email',
});

interface Process {
  readonly duty: Duty;
  readonly said: string[];
  readonly heard: AnnouncedStop[];
  readonly started: Promise<void>;
  /** Stops answering, as a process does that is frozen: its claim is not renewed. */
  freeze(): void;
}

function createProcess(store: Store, work: Partial<Work> = {}): Process {
  const said: string[] = [];
  const heard: AnnouncedStop[] = [];
  let isFrozen = false;
  const duty = createDuty({
    store: {
      ...store,
      query: (...call) =>
        isFrozen ? Promise.reject(new Error('no answer')) : store.query(...call),
    },
    clock: systemClock,
    log: silent,
    monotonic: () => performance.now(),
    times,
  });
  const all: Work = {
    begin: async () => void said.push('begin'),
    end: async () => void said.push('end'),
    announce: async (stops) => void heard.push(...stops),
    ...work,
  };
  started.push(duty);
  const starts = duty.start(all);
  return { duty, said, heard, started: starts, freeze: () => (isFrozen = true) };
}

const started: Duty[] = [];

const stopAll = async (): Promise<void> => {
  await Promise.allSettled(started.splice(0).map((duty) => duty.stop()));
};

eachStore('duty', (open) => {
  test('is taken up at the first start', async () => {
    const one = createProcess(await open());
    await waitUntil(() => one.said.join() === 'begin', { what: 'the process to begin' });
    expect(one.duty.isHeld).toBe(true);
    await one.duty.store.transaction('resolve', (transaction) => transaction.query(note('kept')));
    await one.duty.announce([stop(1)]);
    await one.duty.stop();
    expect(one.duty.isHeld).toBe(false);
    await stopAll();
  });
});

describe.skipIf(!(await hasService('postgres')))('with several processes', () => {
  const schema = freshSchema();
  let store: Store;
  beforeAll(async () => {
    store = await openStore({ url: postgresUrl, schema });
    await emptyStore(store);
  });
  afterEach(async () => {
    await stopAll();
    await emptyStore(store);
  });
  afterAll(async () => {
    await store.close();
    await dropSchema(schema);
  });

  async function pair(): Promise<[Process, Process]> {
    const one = createProcess(store);
    await waitUntil(() => one.duty.isHeld, { what: 'the first on duty' });
    const two = createProcess(store);
    return [one, two];
  }

  test('one holds it, the next has it at once when that one stops', async () => {
    const [one, two] = await pair();
    await systemClock.sleep(4 * times.renewEvery);
    expect([one.duty.isHeld, two.duty.isHeld]).toEqual([true, false]);
    await one.duty.stop();
    await waitUntil(() => two.duty.isHeld, { what: 'the second on duty' });
    expect(two.said).toEqual(['begin']);
  });

  test('a frozen holder ends its work before another begins, and what it still writes is refused', async () => {
    const [one, two] = await pair();
    let goOn: () => void = () => undefined;
    const late = one.duty.store.transaction('resolve', async (transaction) => {
      await new Promise<void>((resolve) => (goOn = resolve));
      return transaction.query(note('late'));
    });
    one.freeze();
    await waitUntil(() => one.said.includes('end'), { what: 'the frozen one to end its work' });
    // Its transaction holds the claim: nobody begins before it has ended.
    await systemClock.sleep(2 * times.lapse);
    expect(two.duty.isHeld).toBe(false);
    goOn();
    await late;
    await waitUntil(() => two.duty.isHeld, { what: 'the second on duty' });
    await expect(
      one.duty.store.transaction('resolve', (transaction) => transaction.query(note('too late'))),
    ).rejects.toMatchObject({ code: 'STORE_NOT_ON_DUTY' });
  });

  test('who takes long to begin keeps the claim meanwhile, and after', async () => {
    const begun: string[] = [];
    const begin = (name: string) => async () => {
      begun.push(name);
      await systemClock.sleep(2 * times.lapse);
    };
    const one = createProcess(store, { begin: begin('one') });
    await waitUntil(() => begun.length > 0, { what: 'the first to begin' });
    const two = createProcess(store, { begin: begin('two') });
    await systemClock.sleep(3 * times.lapse);
    expect(begun).toEqual(['one']);
    expect([one.duty.isHeld, two.duty.isHeld]).toEqual([true, false]);
    expect(one.said).toEqual([]);
  });

  test('who loses the claim while it begins ends that, stands by, and begins again', async () => {
    let isOver: () => void = () => undefined;
    const said: string[] = [];
    const one = createProcess(store, {
      async begin() {
        said.push('begin');
        if (said.length > 1) return;
        await new Promise<void>((_, reject) => (isOver = () => reject(new Error('halted'))));
      },
      async end() {
        said.push('end');
        isOver();
      },
    });
    await waitUntil(() => said.length > 0, { what: 'it to begin' });
    await store.query('gate', takeOver);
    await waitUntil(() => said.includes('end'), { what: 'it to end what it began' });
    await one.started;
    expect(one.duty.isHeld).toBe(false);
    await store.query('gate', letGo);
    await waitUntil(() => one.duty.isHeld, { what: 'it to be on duty again' });
    expect(said).toEqual(['begin', 'end', 'begin']);
  });

  test('a holder with much to do keeps its claim', async () => {
    const [one, two] = await pair();
    const until = performance.now() + 5 * times.giveUpAfter;
    const nap = dynamicStatement('test.nap', `SELECT pg_sleep(0.15)`);
    // There is no moment without a transaction that holds the fence.
    const work = async (place: number): Promise<void> => {
      await systemClock.sleep(40 * place);
      while (performance.now() < until) {
        await one.duty.store.transaction('background', (transaction) => transaction.query(nap));
      }
    };
    await Promise.all([0, 1, 2, 3].map(work));
    expect(one.said).toEqual(['begin']);
    expect([one.duty.isHeld, two.duty.isHeld]).toEqual([true, false]);
  });

  test('who takes over waits for what the holder before has under way, of whichever version', async () => {
    const [one] = await pair();
    let goOn: () => void = () => undefined;
    const begun = Promise.withResolvers<void>();
    const late = one.duty.store.transaction('resolve', async (transaction) => {
      await transaction.query(note('begun'));
      begun.resolve();
      await new Promise<void>((resolve) => (goOn = resolve));
      return transaction.query(note('under way'));
    });
    await begun.promise;
    let isOver = false;
    const taken = store.query('gate', takeOver).then(() => (isOver = true));
    await systemClock.sleep(4 * times.renewEvery);
    expect(isOver).toBe(false);
    goOn();
    await Promise.all([late, taken]);
    await waitUntil(() => one.said.includes('end'), { what: 'the holder before to end its work' });
  });

  test('a holder that wakes after another took over writes nothing, by a statement alone either', async () => {
    const one = createProcess(store);
    await waitUntil(() => one.duty.isHeld, { what: 'the first on duty' });
    await store.query('gate', takeOver);
    // It has not looked yet: it still takes itself for the holder.
    expect(one.duty.isHeld).toBe(true);
    const refused = { code: 'STORE_NOT_ON_DUTY' };
    await expect(one.duty.store.query('gate', note('late'))).rejects.toMatchObject(refused);
    const hidden = dynamicStatement(
      'test.hidden_note',
      `WITH kept AS (INSERT INTO setting VALUES ('hidden', '1') RETURNING *) SELECT * FROM kept`,
    );
    await expect(one.duty.store.query('gate', hidden)).rejects.toMatchObject(refused);
    const read = dynamicStatement('test.read_notes', `SELECT name FROM setting`);
    const names = await one.duty.store.query<{ name: string }>('gate', read);
    expect(names.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['late', 'hidden']));
  });

  test('stops that one takes in are heard by the other before they are acknowledged', async () => {
    let cutOff: () => void = () => undefined;
    const underWay = new Promise<void>((resolve) => (cutOff = resolve));
    const heard: AnnouncedStop[] = [];
    const one = createProcess(store, {
      async announce(stops) {
        heard.push(...stops);
        await underWay;
      },
    });
    await waitUntil(() => one.duty.isHeld, { what: 'the first on duty' });
    const two = createProcess(store);
    const stops = Array.from({ length: 120 }, (_, place) => stop(place));
    let isAcknowledged = false;
    const announced = two.duty.announce(stops).then(() => (isAcknowledged = true));
    await waitUntil(() => heard.length === 120, { what: 'all of them to be heard' });
    expect(heard).toEqual(expect.arrayContaining(stops));
    await systemClock.sleep(200);
    expect(isAcknowledged).toBe(false);
    cutOff();
    await announced;
  });

  test('a holder that has died holds no acknowledgement up for longer than its claim', async () => {
    const [one, two] = await pair();
    one.freeze(); // it hears, and cannot answer
    await two.duty.announce([stop(1)]);
    expect(one.duty.isHeld).toBe(false);
  });
});
