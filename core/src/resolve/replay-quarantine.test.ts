// What was kept aside goes through the hub again: behind whoever sends, and told of in the transaction
// that settles it.
import { expect, it } from 'vitest';
import { createLine, type Line } from '../../../test/support/line.ts';
import { testSettings, testSource } from '../../../test/support/settings.ts';
import { eachStore } from '../../../test/support/stores.ts';
import type { AudienceSettings } from '../audience/rule.ts';
import { IntakeBusyError, type Intake } from '../intake/intake.ts';
import type { Reread } from '../sources/reread.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import { StoreError } from '../store/errors.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { replayQuarantine, type ReplayReport } from './replay-quarantine.ts';

const now = Date.UTC(2026, 5, 1, 9);

function withoutCrm(): Partial<StandardiseSettings> {
  const namespaces = new Map(testSettings().identity.namespaces);
  namespaces.delete('crm_id');
  return { identity: { namespaces } };
}

const record = {
  type: 'identify',
  messageId: 'm1',
  identifiers: [{ namespace: 'crm_id', value: 'c1' }],
  traits: { plan: 'pro' },
};

const buyers: AudienceSettings = {
  name: 'buyers',
  title: 'Buyers',
  rule: {
    kind: 'measure',
    measure: {
      events: [{ type: 'track', name: 'Ordered', where: [] }],
      window: { kind: 'ever' },
      aggregate: { kind: 'count' },
    },
    comparison: { kind: 'number', atLeast: 1 },
  },
};

eachStore('a replay of quarantine', (open) => {
  async function replay(
    store: Store,
    line: Line,
    intake: Intake = line.intake,
    reread: Reread = () => Promise.resolve({ problem: 'nothing to read' }),
  ): Promise<{
    readonly report: ReplayReport;
    readonly noted: number[];
    readonly slept: number[];
  }> {
    const rows = await store.query<{ id: number }>(
      'background',
      dynamicStatement('test.ids', "SELECT id FROM quarantine WHERE state = 'open' ORDER BY id"),
    );
    const noted: number[] = [];
    const slept: number[] = [];
    const ids = rows.map(({ id }) => id);
    const report = await replayQuarantine(ids, 'replayed by a test', {
      store,
      intake,
      sources: line.room.settings.sources,
      room: line.room,
      reread,
      clock: {
        sleep(milliseconds) {
          slept.push(milliseconds);
          return Promise.resolve();
        },
      },
      note(_transaction, count) {
        noted.push(count);
        return Promise.resolve();
      },
    });
    return { report, noted, slept };
  }

  async function refusedOnArrival(): Promise<Store> {
    const store = await open();
    const { intake } = await createLine(store, { now, settings: withoutCrm() });
    const submission = { source: testSource('web'), records: [record], receivedAt: now };
    expect(await intake.submit(submission)).toMatchObject({ accepted: 0 });
    return store;
  }

  it('waits where intake has more to do than it can, and takes all the same', async () => {
    const store = await refusedOnArrival();
    const line = await createLine(store, { now });
    let refusals = 2;
    const busy: Intake = {
      ...line.intake,
      submit(submission) {
        refusals -= 1;
        if (refusals >= 0) return Promise.reject(new IntakeBusyError(20_000, 20_000));
        return line.intake.submit(submission);
      },
    };
    const { report, noted, slept } = await replay(store, line, busy);
    expect(report).toMatchObject({ replayed: [expect.anything()], refused: [] });
    expect({ noted, slept }).toEqual({ noted: [1], slept: [1_000, 1_000] });
  });

  it('tells of what is still refused, and of nothing as settled', async () => {
    const store = await refusedOnArrival();
    const { report, noted } = await replay(
      store,
      await createLine(store, { now, settings: withoutCrm() }),
    );
    expect(report.refused).toMatchObject([{ code: 'RECORD_UNKNOWN_NAMESPACE' }]);
    expect(noted).toEqual([]);
  });

  async function refusedTwice(): Promise<Store> {
    const store = await open();
    const { intake } = await createLine(store, { now, settings: withoutCrm() });
    const records = [record, { ...record, messageId: 'm2' }, { ...record, messageId: 'm3' }];
    await intake.submit({ source: testSource('web'), records, receivedAt: now });
    return store;
  }

  function failingOnce(line: Line, place: number, error: Error): Intake {
    let calls = 0;
    return {
      ...line.intake,
      submit(submission) {
        calls += 1;
        return calls === place ? Promise.reject(error) : line.intake.submit(submission);
      },
    };
  }

  const stillOpen = (store: Store): Promise<unknown[]> =>
    store.query(
      'background',
      dynamicStatement('test.open', "SELECT id FROM quarantine WHERE state = 'open'"),
    );

  it('goes on behind one that fails, and tells of it without what it holds', async () => {
    const store = await refusedTwice();
    const line = await createLine(store, { now });
    const { report, noted } = await replay(store, line, failingOnce(line, 2, new Error('c1 fell')));
    expect(report).toMatchObject({ refused: [{ code: 'REPLAY_FAILED' }] });
    expect(report.refused[0]?.message).not.toContain('c1 fell');
    expect(noted).toEqual([2]);
    expect(await stillOpen(store)).toHaveLength(1);
  });

  it('settles what it took before the store went away', async () => {
    const store = await refusedTwice();
    const line = await createLine(store, { now });
    const away = new StoreError('STORE_UNAVAILABLE', 'away');
    await expect(replay(store, line, failingOnce(line, 2, away))).rejects.toThrow(away);
    expect(await stillOpen(store)).toHaveLength(2);
    expect((await replay(store, line)).noted).toEqual([2]);
  });

  it('keeps nothing of a body once its replay shows that it names somebody who was erased', async () => {
    const store = await open();
    const line = await createLine(store, { now, keepsOut: true });
    const { identifiers: her } = record;
    const erasure = { type: 'delete', messageId: 'erase', identifiers: her };
    const problem = { code: 'RECORD_UNREADABLE', message: 'of c1' } as const;
    await line.intake.submit({ source: testSource('web'), records: [erasure], receivedAt: now });
    for (const person of ['c1', 'c2']) {
      await line.intake.keepUnreadable('web', now, problem, Buffer.from(person));
    }
    const { noted } = await replay(store, line, line.intake, async ({ payload }) => {
      const value = Buffer.from(payload).toString();
      return {
        records: [{ type: 'identify', identifiers: [{ namespace: 'crm_id', value }], traits: {} }],
      };
    });
    expect(noted).toEqual([2]);
    const text = 'SELECT state, message, payload IS NULL AS blank FROM quarantine ORDER BY id';
    const [hers, others] = await store.query('background', dynamicStatement('test.kept', text));
    expect(hers).toMatchObject({ state: 'replayed', blank: true });
    expect(hers?.message).not.toContain('c1');
    expect(others).toMatchObject({ state: 'replayed', blank: false });
  });

  it.each([Infinity, Number.NaN, 7n, Symbol('a'), () => 7])(
    'makes nothing else of what JSON cannot say: %s',
    async (plan) => {
      const store = await open();
      const line = await createLine(store, { now });
      const records = [{ ...record, traits: { plan } }];
      const receipt = await line.intake.submit({
        source: testSource('web'),
        records,
        receivedAt: now,
      });
      expect(receipt.quarantined).toMatchObject([{ code: 'RECORD_UNSTORABLE' }]);
      expect((await replay(store, line)).report.refused).toHaveLength(1);
    },
  );

  it('counts a record of the log once, however often it is replayed', async () => {
    const store = await open();
    await (await createLine(store, { now })).accept('web', [record]);
    await (await createLine(store, { now, settings: withoutCrm() })).resolve();
    const line = await createLine(store, { now });
    expect((await replay(store, line)).noted).toEqual([1]);
    const people = dynamicStatement('test.people', 'SELECT traits FROM profile');
    expect(await store.query('background', people)).toHaveLength(1);
    expect((await replay(store, line)).noted).toEqual([]);
  });

  const hour = 3_600_000;
  const { identifiers, messageId } = record;
  const ordered = { type: 'track', event: 'Ordered', identifiers, messageId };
  const causes = (store: Store): Promise<unknown[]> =>
    store.query('background', dynamicStatement('test.causes', 'SELECT cause FROM membership'));

  it.each([
    [5, undefined, 'live'],
    [30, undefined, 'historical'],
    [30, false, 'historical'],
  ])(
    'counts as back-filled what was received too long ago: %i h, historical %s',
    async (hours, historical, cause) => {
      const store = await open();
      const { intake } = await createLine(store, { now, settings: withoutCrm() });
      const records = [{ ...ordered, ...(historical !== undefined && { historical }) }];
      await intake.submit({ source: testSource('web'), records, receivedAt: now });
      const line = await createLine(store, { now: now + hours * hour, audiences: [buyers] });
      expect((await replay(store, line)).report.refused).toEqual([]);
      await line.resolve();
      expect(await causes(store)).toEqual([{ cause }]);
    },
  );

  it.each([
    [5, 'live'],
    [30, 'historical'],
  ])('and what was put aside in the log, %i h later: %s', async (hours, cause) => {
    const store = await open();
    await (await createLine(store, { now })).accept('web', [ordered]);
    await (await createLine(store, { now, settings: withoutCrm() })).resolve();
    const line = await createLine(store, { now: now + hours * hour, audiences: [buyers] });
    expect((await replay(store, line)).noted).toEqual([1]);
    await line.resolve();
    expect(await causes(store)).toEqual([{ cause }]);
  });
});
