// A public write key may say as many names of traits of one person as it likes: what is kept of them is
// bounded, and the same in any order, in any batches and after a rebuild.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { createLine, type Line } from '../../../test/support/line.ts';
import { testSettings } from '../../../test/support/settings.ts';
import { eachStore, emptyStore } from '../../../test/support/stores.ts';
import { explainTrait } from '../profile/explain-trait.ts';
import { mostUndeclared } from '../profile/fold-traits.ts';
import { traitSettingsOf } from '../profile/trait-settings.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { rebuild } from './rebuild.ts';
import { createResolver } from './resolver.ts';
import { rulesChanged } from './rules-of-folding.ts';

const start = Date.parse('2026-03-01T12:00:00.000Z');
const ada = { namespace: 'user_id', value: 'ada' };
const phone = { namespace: 'anonymous_id', value: 'phone' };

const bare = testSettings().profile;
const plan = traitSettingsOf(bare, 'plan');
const profile = { ...bare, traits: new Map([['plan', plan]]) };

eachStore('more names of traits than are kept', (open) => {
  let store: Store;
  let line: Line;

  beforeAll(async () => {
    store = await open();
  });
  beforeEach(async () => {
    await emptyStore(store);
    line = await createLine(store, { now: start, settings: { profile } });
  });

  const names = (first: number, count: number): string[] =>
    Array.from({ length: count }, (_, place) => `n${String(first + place).padStart(6, '0')}`);
  const identify = (by: object, first: number, at: number, more: object = {}): object => ({
    type: 'identify',
    messageId: `m${first}`,
    identifiers: [by],
    timestamp: start - at,
    traits: { ...Object.fromEntries(names(first, 450).map((name) => [name, 'v'])), ...more },
  });
  const send = async (...records: readonly object[]): Promise<void> => {
    await line.accept('web', records);
    await line.resolve();
  };
  const kept = async (): Promise<string[]> => {
    const [row] = await store.query<{ traits: object }>(
      'background',
      dynamicStatement('test.traits', 'SELECT traits FROM profile'),
    );
    return Object.keys(row?.traits ?? {}).sort();
  };
  const expected = (first: number): string[] => [...names(first, mostUndeclared), 'plan'];

  it('are bounded the same in other batches, in another order and after a rebuild', async () => {
    const records = [
      identify(ada, 0, 9_000, { plan: 'pro' }),
      identify(ada, 450, 8_000),
      identify(ada, 900, 7_000),
      identify(ada, 1_350, 6_000),
    ];
    await send(...records);
    expect(await kept()).toEqual(expected(0));
    await rebuild({ store, room: line.room });
    expect(await kept()).toEqual(expected(0));
    await emptyStore(store);
    line = await createLine(store, { now: start, settings: { profile } });
    for (const record of records.toReversed()) await send(record);
    expect(await kept()).toEqual(expected(0));
  });

  it('take nothing from her that the hub goes by, nor after an erasure, a rebuild or another config', async () => {
    const region = 'z_region';
    const goingBy = testSettings({ profile: { ...profile, needed: new Set([region]) } });
    line = await createLine(store, { now: start, settings: goingBy });
    const wanted = [...expected(0), region];
    await send(
      identify(ada, 0, 9_000, { plan: 'pro', [region]: 'DE' }),
      ...[450, 900, 1_350].map((first) => identify(ada, first, 8_000)),
    );
    expect(await kept()).toEqual(wanted);
    const erased = { type: 'delete', messageId: 'gone', identifiers: [ada] };
    await send({ ...erased, timestamp: start - 60_000 });
    expect(await kept()).toEqual(wanted);
    await rebuild({ store, room: line.room });
    expect(await kept()).toEqual(wanted);
    expect(await rulesChanged(store, goingBy)).toBe(false);
    const without = testSettings({ profile });
    expect(await rulesChanged(store, without)).toBe(true);
    line = await createLine(store, { now: start, settings: without });
    await rebuild({ store, room: line.room });
    expect(await kept()).toEqual(expected(0));
    expect(await rulesChanged(store, goingBy)).toBe(true);
  });

  it('are bounded for all of her devices together', async () => {
    await send({ type: 'identify', messageId: 'login', identifiers: [ada, phone], traits: {} });
    await send(
      ...[0, 450, 900, 1_350].map((first) => identify(phone, first, 9_000 - first)),
      identify(ada, 1_800, 1_000, { plan: 'pro' }),
    );
    expect(await kept()).toEqual(expected(0));
  });

  it('come back where an erasure takes those before them', async () => {
    await send(
      identify(ada, 0, 9_000),
      identify(ada, 450, 7_000, { plan: 'pro' }),
      identify(ada, 900, 6_000),
      identify(ada, 1_350, 5_000),
    );
    await send({
      type: 'delete',
      messageId: 'gone',
      identifiers: [ada],
      timestamp: start - 8_000,
    });
    expect(await kept()).toEqual(expected(450));
    await rebuild({ store, room: line.room });
    expect(await kept()).toEqual(expected(450));
  });

  it('are told of', async () => {
    await send(
      ...[0, 450, 900].map((first) => identify(ada, first, 1_000)),
      identify(phone, 1_350, 500),
      { type: 'identify', messageId: 'login', identifiers: [ada, phone], traits: {} },
    );
    const [row] = await store.query<{ id: string }>(
      'background',
      dynamicStatement('test.id', 'SELECT id FROM profile'),
    );
    const explained = await store.transaction('background', (transaction) =>
      Promise.all(
        ['n000999', 'n001350', 'a'].map((name) =>
          explainTrait(transaction, row?.id ?? '', name, profile),
        ),
      ),
    );
    expect(explained).toMatchObject([
      { isLeftOut: false, won: { value: 'v' } },
      { isLeftOut: true, won: undefined, candidates: [{ lostBecause: 'too_many_names' }] },
      { isLeftOut: false, won: undefined, candidates: [] },
    ]);
  });

  it('are counted', async () => {
    await line.accept(
      'web',
      [0, 450, 900].map((first) => identify(ada, first, 1_000)),
    );
    const told: number[] = [];
    const resolver = createResolver({
      store,
      room: line.room,
      isPassing: () => true,
      onBatch: ({ traitsLeftOut }) => told.push(traitsLeftOut),
    });
    await resolver.drain();
    expect(told).toEqual([350]);
  });
});
