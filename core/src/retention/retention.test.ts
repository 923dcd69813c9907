// How age is carried out: in slices that survive a crash between any two of them, for what lies beside the log
// too, and again where config changes its mind.
import { beforeEach, expect, it } from 'vitest';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import { createLine, type Line } from '../../../test/support/line.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { testSettings, testSource } from '../../../test/support/settings.ts';
import type { PurposeSettings } from '../consent/settings.ts';
import { readerOf } from '../store/reader.ts';
import { dynamicStatement, isoTime, type Store } from '../store/store.ts';
import { letAge, readRetention } from './retention.ts';
import type { RetentionConfig } from './rules.ts';
import { keepsAll, type RetentionSettings } from './settings.ts';

const day = 86_400_000;
const hour = day / 24;
const now = Date.UTC(2026, 5, 1, 9);
const longAgo = now - 40 * day;

const countFacts = dynamicStatement(
  'test.facts',
  `SELECT count(*) AS facts, count(*) FILTER (WHERE at < $1::timestamptz) AS old FROM fact`,
);
const selectTraits = dynamicStatement('test.traits', 'SELECT traits FROM profile ORDER BY traits');
const countAudit = dynamicStatement(
  'test.audit',
  `SELECT count(*) AS entries FROM audit WHERE entry::jsonb ->> 'kind' = 'data.aged'`,
);
const selectLog = dynamicStatement(
  'test.log',
  `SELECT number, encode(payload, 'escape') AS payload FROM event ORDER BY number`,
);
const selectEntries = dynamicStatement(
  'test.entries',
  'SELECT status, evidence, text_version FROM consent_entry ORDER BY effective_at, status',
);

eachStore('age is carried out', (open) => {
  const cleanStore = withCleanStore(open);
  let store: Store;

  beforeEach(async () => {
    store = await cleanStore();
  }, 60_000);

  const start = (): Promise<Line> => createLine(store, { now, settings: ageing({ web: 30 }) });
  const age = async (line: Line, config: RetentionConfig, on = store): Promise<void> => {
    while (await letAge(world(line, config, on)));
  };
  const facts = async (): Promise<object | undefined> =>
    (await store.query<object>('background', countFacts, [isoTime(now - 30 * day)]))[0];

  it('whole, wherever it is cut off', { timeout: 120_000 }, async () => {
    const line = await start();
    for (let part = 0; part < 3; part += 1) {
      await line.accept('web', [
        ...events(400, longAgo, `old-${part}`),
        ...events(50, now, `new-${part}`),
      ]);
    }
    await line.resolve();
    const config = configOf(line);
    const failing = failingStore(store);
    for (let crashes = 0; ;) {
      try {
        if (!(await letAge(world(line, config, failing)))) break;
      } catch (error) {
        crashes += 1;
        if (!(error instanceof Cut) || crashes > 100) throw error;
      }
    }
    expect(failing.cuts()).toBeGreaterThan(5);
    expect(await facts()).toEqual({ facts: 150, old: 0 });
    expect(await readRetention(readerOf(store), config, now)).toMatchObject([
      { rule: 'source:web', isDone: true, removed: 1_200, removedLast: 1_200 },
    ]);
    expect(await store.query('background', countAudit)).toEqual([{ entries: 1 }]);
  });

  it('and what is not carried out any more is told, day after day', async () => {
    const line = await start();
    const config = configOf(line);
    const standing = (at: number) => readRetention(readerOf(store), config, at);
    // Since midnight at least: whoever has never begun cannot say more.
    expect(await standing(now)).toMatchObject([{ isDone: false, dueSince: now - 9 * hour }]);
    await age(line, config);
    expect(await standing(now)).toMatchObject([{ isDone: true, dueSince: undefined }]);
    const midnight = now + 15 * hour;
    expect(await standing(midnight - 1)).toMatchObject([{ isDone: true }]);
    expect(await standing(midnight)).toMatchObject([{ isDone: false, dueSince: midnight }]);
    expect(await standing(midnight + 9 * day)).toMatchObject([
      { isDone: false, dueSince: midnight },
    ]);
  });

  it('for what comes in late, before anybody can see it', async () => {
    const line = await start();
    const config = configOf(line);
    await age(line, config);
    await line.accept('web', [
      { ...identify('u1', { plan: 'old' }), timestamp: longAgo },
      ...events(2, longAgo, 'late'),
    ]);
    await line.resolve();
    expect(await facts()).toEqual({ facts: 0, old: 0 });
    const traits = await store.query<{ traits: object }>('background', selectTraits);
    expect(traits.map((row) => row.traits)).toEqual([{}, {}]);
    const log = JSON.stringify(await store.query('background', selectLog));
    expect(log).not.toContain('Order');
    expect(log).not.toContain('plan');
    // Whom it named is known all the same.
    expect(log).toContain('u1');
  });

  it('by one source and not by another', async () => {
    const line = await start();
    await line.accept('web', [{ ...identify('u1', { plan: 'web' }), timestamp: longAgo }]);
    await line.accept('shop', [{ ...identify('u1', { size: 'shop' }), timestamp: longAgo }]);
    await line.resolve();
    await age(line, configOf(line));
    expect(await store.query('background', selectTraits)).toEqual([{ traits: { size: 'shop' } }]);
  });

  it('on proof of consent, and never on a no', async () => {
    const line = await createLine(store, { now, settings: ageing({}, 30) });
    const said = (status: string, timestamp: number) => ({
      type: 'consent',
      messageId: `${status}-${timestamp}`,
      identifiers: [{ namespace: 'user_id', value: 'u1' }],
      timestamp,
      consents: [
        { purpose: 'ads', status, textVersion: 'v1', evidence: { form: 'https://shop.example/1' } },
      ],
    });
    await line.accept('web', [
      said('denied', longAgo),
      said('granted', longAgo - day),
      said('granted', now - day),
    ]);
    await line.resolve();
    await age(line, configOf(line));
    const bare = { evidence: null, text_version: null };
    expect(await store.query('background', selectEntries)).toEqual([
      { status: 'granted', ...bare },
      { status: 'denied', ...bare },
      { status: 'granted', evidence: { form: 'https://shop.example/1' }, text_version: 'v1' },
    ]);
    const log = await store.query<{ payload: string }>('background', selectLog);
    expect(log.map(({ payload }) => payload.includes('shop.example/1'))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('again where more of it is to go, and no more where it may stay', async () => {
    const line = await start();
    await line.accept('web', [
      ...events(3, longAgo, 'old'),
      ...events(3, now - 20 * day, 'newer'),
      ...events(3, now, 'now'),
    ]);
    await line.resolve();
    await age(line, configOf(line));
    expect(await facts()).toMatchObject({ facts: 6 });
    await age(line, { ...configOf(line), sources: ageing({ web: 10 }).sources });
    expect(await facts()).toMatchObject({ facts: 3 });
    await age(line, { ...configOf(line), sources: ageing({}).sources });
    await line.accept('web', events(1, longAgo, 'late'));
    await line.resolve();
    expect(await facts()).toEqual({ facts: 4, old: 1 });
  });

  it('on what could not be taken', async () => {
    const line = await start();
    const broken = { type: 'track', identifiers: [], event: 'ada@shop.example' };
    const source = testSource('web');
    await line.intake.submit({ source, records: [broken], receivedAt: longAgo });
    await line.intake.submit({ source, records: [broken], receivedAt: now });
    const config = configOf(line, { quarantineMs: 30 * day });
    await age(line, config);
    const left = dynamicStatement('test.left', 'SELECT received_at AS at FROM quarantine');
    expect(await store.query('background', left)).toEqual([{ at: now }]);
    expect(await readRetention(readerOf(store), config, now)).toContainEqual(
      expect.objectContaining({ rule: 'quarantine', removed: 1 }),
    );
  });
});

/** Days that sources are kept, and the purpose of advertising. */
function ageing(kept: Readonly<Record<string, number>>, adsDays?: number) {
  const settings = testSettings();
  const sources = [...settings.sources].map(([id, source]) => {
    const days = kept[id];
    return [id, { ...source, ...(days !== undefined && { keepMs: days * day }) }] as const;
  });
  const keepMs = adsDays === undefined ? undefined : adsDays * day;
  const ads: PurposeSettings = { name: 'ads', title: 'Ads', regions: new Map(), keepMs };
  const { consent } = settings;
  const purposes = new Map([...consent.purposes, ['ads', ads]]);
  return { ...settings, sources: new Map(sources), consent: { ...consent, purposes } };
}

function configOf({ room }: Line, retention: Partial<RetentionSettings> = {}): RetentionConfig {
  const { sources, consent } = room.settings;
  const privacy = { deadlineMs: 1, journalFolder: undefined };
  return { sources, consent, privacy: { ...privacy, retention: { ...keepsAll, ...retention } } };
}

function world({ room, time }: Line, config: RetentionConfig, store: Store) {
  const forget = (): Promise<never> => Promise.reject(new Error('nobody is to be forgotten'));
  return { store, room, config, clock: createManualClock(time.now), forget };
}

function events(count: number, timestamp: number, prefix: string): object[] {
  return Array.from({ length: count }, (_, place) => ({
    type: 'track',
    messageId: `${prefix}-${place}`,
    identifiers: [{ namespace: 'user_id', value: `u${place % 3}` }],
    event: 'Order Completed',
    properties: { total: place },
    timestamp,
  }));
}

function identify(value: string, traits: object): object {
  return {
    type: 'identify',
    messageId: `${value}-${Object.keys(traits).length}`,
    identifiers: [{ namespace: 'user_id', value }],
    traits,
  };
}

class Cut extends Error {}

/** Every other transaction is cut off: in turns before its commit, and after it. */
function failingStore(store: Store): Store & { cuts(): number } {
  let calls = 0;
  let cuts = 0;
  const cut = (): never => {
    cuts += 1;
    throw new Cut('cut off');
  };
  return {
    ...store,
    cuts: () => cuts,
    async transaction(lane, work) {
      calls += 1;
      if (calls % 3 === 1) {
        return store.transaction(lane, async (transaction) => {
          await work(transaction);
          return cut();
        });
      }
      const answer = await store.transaction(lane, work);
      return calls % 3 === 2 ? cut() : answer;
    },
  };
}
