// What people rely on: who comes in and goes out when, why, and what happens to members as profiles
// merge and split, events arrive late and config changes.
import { beforeEach, expect, it } from 'vitest';
import { audienceConfig, clearWorld, takeChange } from '../../../test/support/audience-worlds.ts';
import { eachStore } from '../../../test/support/stores.ts';
import type { Measure } from '../profile/measure.ts';
import { dynamicStatement, isoTime } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { eventKey } from './affected.ts';
import { createAudienceEngine } from './engine.ts';
import type { AudienceEngine } from './engine.ts';
import type { EvaluationBatch } from './evaluate-profiles.ts';
import type { AudienceSettings, Rule } from './rule.ts';

const minute = 60_000;
const start = Date.UTC(2026, 0, 31, 12);
const [ada, bea, cleo] = ['a', 'b', 'c'].map(
  (letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`,
) as [string, string, string];

function happened(name: string, withinMs?: number, atLeast = 1): Rule {
  const measure: Measure = {
    events: [{ type: 'track', name, where: [] }],
    window:
      withinMs === undefined ? { kind: 'ever' } : { kind: 'sliding', fromMs: withinMs, toMs: 0 },
    aggregate: { kind: 'count' },
  };
  return { kind: 'measure', measure, comparison: { kind: 'number', atLeast } };
}

const cart: AudienceSettings = {
  name: 'cart',
  title: 'Abandoned',
  rule: {
    kind: 'all',
    rules: [happened('Added'), { kind: 'not', rule: happened('Added', 30 * minute) }],
  },
};
const buyers: AudienceSettings = { name: 'buyers', title: 'Buyers', rule: happened('Ordered') };

eachStore('audiences', (open) => {
  let store: Store;
  let opening: Promise<Store> | undefined;
  let number = 0;

  beforeEach(async () => {
    store = await (opening ??= open());
    await store.transaction('background', async (transaction) => {
      await clearWorld(transaction);
    });
    for (const [place, id] of [ada, bea, cleo].entries()) {
      await run(
        `INSERT INTO identifier (id, hash, latent_id, namespace, kind, value, first_at, last_at, component, profile_id)
         OVERRIDING SYSTEM VALUE VALUES ($1, $2, $2, 'email', 'person', 'x', now(), now(), $1, $2)`,
        [place + 1, id],
      );
      await run(`INSERT INTO profile (id, traits, computed, changed) VALUES ($1, '{}', '{}', 0)`, [
        id,
      ]);
    }
  });

  const run = async (text: string, parameters: unknown[] = []) =>
    store.query<Record<string, unknown>>(
      'background',
      dynamicStatement('test.run', text),
      parameters,
    );

  const engineOf = (...audiences: AudienceSettings[]): AudienceEngine =>
    createAudienceEngine({ config: audienceConfig(audiences), takeChange, clock: () => 0 });

  async function ready(...audiences: AudienceSettings[]): Promise<AudienceEngine> {
    const engine = engineOf(...audiences);
    await engine.install(store);
    while (!(await engine.compute(store, start))) continue;
    return engine;
  }

  async function event(person: number, name: string, at: number): Promise<void> {
    number += 1;
    await run(
      `INSERT INTO fact VALUES ($1, 'track', $2, $3, $4, gen_random_uuid(), 'test', '{"price": 0.1}')`,
      [person, name, isoTime(at), number],
    );
  }

  const evaluate = async (engine: AudienceEngine, batch: Partial<EvaluationBatch>) =>
    store.transaction('resolve', async (transaction) =>
      engine.evaluate(transaction, {
        touched: new Set(),
        vanished: new Set(),
        origins: new Map(),
        now: start,
        cause: 'live',
        change: await takeChange(transaction),
        ...batch,
      }),
    );

  const rows = async () =>
    (await run('SELECT audience, profile_id, since, cause FROM membership ORDER BY 1, 2')).map(
      (row) => Object.values(row),
    );

  it('a cart is abandoned to the millisecond, by time alone', async () => {
    const engine = await ready(cart);
    await event(1, 'Added', start);
    await evaluate(engine, { touched: new Set([ada]) });
    expect(await rows()).toEqual([]);

    const due = start + 30 * minute;
    await engine.tick(store, due - 1);
    expect(await rows()).toEqual([]);
    const report = await engine.tick(store, due);
    expect(report).toEqual({ evaluated: 1, changed: new Set([ada]) });
    expect(await rows()).toEqual([['cart', ada, due, 'time']]);

    await event(1, 'Added', due + minute);
    const { left } = await evaluate(engine, { touched: new Set([ada]), now: due + minute });
    expect(left).toEqual(new Map([['cart', 1]]));
    expect(await rows()).toEqual([]);
  });

  it('reads are exact before the timer has run', async () => {
    const engine = await ready(cart);
    await event(1, 'Added', start);
    await evaluate(engine, { touched: new Set([ada]) });
    const members = async (now: number) =>
      store.transaction('gate', async (q) => [
        (await engine.membersOf(q, 'cart', now, { limit: 10 })).map(({ profileId }) => profileId),
        await engine.sizeOf(q, 'cart', now),
      ]);
    expect(await members(start + 30 * minute - 1)).toEqual([[], 0]);
    expect(await members(start + 30 * minute)).toEqual([[ada], 1]);
  });

  it('says why: a back-fill is not live, and a first computation is neither', async () => {
    await event(1, 'Ordered', start);
    const engine = await ready(buyers);
    await event(2, 'Ordered', start);
    await evaluate(engine, { touched: new Set([bea]), cause: 'historical' });
    await event(3, 'Ordered', start);
    const report = await evaluate(engine, { touched: new Set([cleo]) });
    expect(report.entered).toEqual(new Map([['buyers', 1]]));
    expect(await rows()).toEqual([
      ['buyers', ada, start, 'baseline'],
      ['buyers', bea, start, 'historical'],
      ['buyers', cleo, start, 'live'],
    ]);
  });

  it('whoever is touched before the first computation comes by was perhaps a member already', async () => {
    const engine = engineOf(buyers);
    await engine.install(store);
    await event(1, 'Ordered', start - minute);
    await evaluate(engine, { touched: new Set([ada]) });
    expect(await rows()).toEqual([['buyers', ada, start, 'baseline']]);
  });

  it('an edited audience loses who no longer meets its rule, and keeps since when others did', async () => {
    await event(1, 'Ordered', start);
    await event(2, 'Ordered', start);
    await event(2, 'Ordered', start);
    const engine = await ready(buyers);
    await evaluate(engine, { touched: new Set([ada, bea]) });
    const edited = { ...buyers, rule: happened('Ordered', undefined, 2) };
    const after = engineOf(edited);
    expect(await after.install(store)).toEqual({ pending: ['buyers'], removed: [] });
    while (!(await after.compute(store, start + minute))) continue;
    expect(await rows()).toEqual([['buyers', bea, start, 'baseline']]);
    expect(await after.install(store)).toEqual({ pending: [], removed: [] });
  });

  it('computing one audience forgets nothing of when others are due', async () => {
    const engine = await ready(cart, buyers);
    await event(1, 'Added', start);
    await evaluate(engine, { touched: new Set([ada]) });
    const after = engineOf(cart, { ...buyers, rule: happened('Ordered', undefined, 2) });
    await after.install(store);
    while (!(await after.compute(store, start))) continue;
    await after.tick(store, start + 30 * minute);
    expect(await rows()).toEqual([['cart', ada, start + 30 * minute, 'time']]);
  });

  it('who left by a batch does not come back by a moment before it, where time lags behind', async () => {
    const within = (name: string, atLeast: number): AudienceSettings => {
      return { name, title: '', rule: happened(name, 10 * minute, atLeast) };
    };
    const engine = await ready(within('Seen', 1), within('Tried', 2));
    await event(1, 'Seen', start);
    await event(1, 'Tried', start + 5_000);
    await event(1, 'Tried', start + 5_000);
    await evaluate(engine, { touched: new Set([ada]), now: start + 5_000 });
    const seen = ['Seen', ada, start + 5_000, 'live'];
    expect(await rows()).toEqual([seen, ['Tried', ada, start + 5_000, 'live']]);

    const later = start + 10 * minute;
    await event(1, 'Tried', later + 7_000);
    const said = new Set([eventKey('track', 'Tried')]);
    const touch = { events: said, traits: new Set<string>(), identifiers: false };
    const batch = { touched: new Set([ada]), touches: new Map([[ada, touch]]) };
    await evaluate(engine, { ...batch, now: later + 8_000 });
    expect(await rows()).toEqual([seen]);
    await engine.tick(store, later + 2_000);
    expect(await rows()).toEqual([seen]);
    await engine.tick(store, later + 8_000);
    expect(await rows()).toEqual([]);
  });

  it('what says nothing of an audience does not let time pass for it: the log may have more to say', async () => {
    const engine = await ready(cart, buyers);
    await event(1, 'Added', start);
    await evaluate(engine, { touched: new Set([ada]) });
    await event(1, 'Ordered', start + minute);
    const said = new Set([eventKey('track', 'Ordered')]);
    const touch = { events: said, traits: new Set<string>(), identifiers: false };
    const batch = { touched: new Set([ada]), touches: new Map([[ada, touch]]) };
    await evaluate(engine, { ...batch, now: start + 60 * minute });
    expect(await rows()).toEqual([['buyers', ada, start + 60 * minute, 'live']]);
    await event(1, 'Added', start + 50 * minute);
    await engine.tick(store, start + 60 * minute);
    expect(await rows()).toEqual([['buyers', ada, start + 60 * minute, 'live']]);
  });

  it('an audience changes when one that it names does', async () => {
    const named: AudienceSettings = {
      name: 'named',
      title: '',
      rule: { kind: 'audience', name: 'buyers' },
    };
    await ready(buyers, named);
    const edited = { ...buyers, rule: happened('Ordered', undefined, 2) };
    expect((await engineOf(edited, named).install(store)).pending).toEqual(['buyers', 'named']);
  });

  it('a removed audience loses its members, and they have changed for destinations', async () => {
    await event(1, 'Ordered', start);
    await ready(buyers);
    const [before] = await run('SELECT changed FROM profile WHERE id = $1', [ada]);
    const engine = engineOf();
    expect(await engine.install(store)).toEqual({ pending: [], removed: ['buyers'] });
    while (!(await engine.compute(store, start))) continue;
    expect(await rows()).toEqual([]);
    expect(await run('SELECT name FROM audience')).toEqual([]);
    const [after] = await run('SELECT changed FROM profile WHERE id = $1', [ada]);
    expect(Number(after?.['changed'])).toBeGreaterThan(Number(before?.['changed']));
  });

  it('an audience that was removed and comes back is computed anew', async () => {
    await event(1, 'Ordered', start);
    await ready(buyers);
    await engineOf().install(store);
    expect((await engineOf(buyers).install(store)).pending).toEqual(['buyers']);
  });

  it('membership goes with people through merge and split: nobody comes in twice', async () => {
    const engine = await ready(buyers);
    await event(1, 'Ordered', start);
    await evaluate(engine, { touched: new Set([ada]) });
    await event(2, 'Ordered', start);
    await evaluate(engine, { touched: new Set([bea]), now: start + minute });

    await run('UPDATE identifier SET profile_id = $1', [cleo]);
    await run('DELETE FROM profile WHERE id <> $1', [cleo]);
    const merged = await evaluate(engine, {
      touched: new Set([cleo]),
      vanished: new Set([ada, bea]),
      origins: new Map([[cleo, new Set([ada, bea, cleo])]]),
      now: start + 2 * minute,
    });
    expect(merged).toEqual({ entered: new Map(), left: new Map(), changed: new Set([cleo]) });
    expect(await rows()).toEqual([['buyers', cleo, start, 'live']]);

    await run('UPDATE identifier SET profile_id = hash WHERE id = 2');
    await run(`INSERT INTO profile (id, traits, computed, changed) VALUES ($1, '{}', '{}', 0)`, [
      bea,
    ]);
    const split = await evaluate(engine, {
      touched: new Set([bea, cleo]),
      origins: new Map([
        [bea, new Set([cleo])],
        [cleo, new Set([cleo])],
      ]),
      now: start + 3 * minute,
    });
    expect(split.entered).toEqual(new Map());
    expect(await rows()).toEqual([
      ['buyers', bea, start, 'live'],
      ['buyers', cleo, start, 'live'],
    ]);
  });

  it('a profile that is no more leaves its audiences', async () => {
    const engine = await ready(buyers);
    await event(1, 'Ordered', start);
    await evaluate(engine, { touched: new Set([ada]) });
    await run('DELETE FROM profile WHERE id = $1', [ada]);
    const { left } = await evaluate(engine, { touched: new Set([ada]), now: start });
    expect(left).toEqual(new Map([['buyers', 1]]));
    expect(await rows()).toEqual([]);
  });

  it('a person of more events than are loaded is measured to the same', async () => {
    const sum: Measure = {
      events: [{ type: 'track', name: 'Viewed', where: [] }],
      window: { kind: 'sliding', fromMs: 10_000_000, toMs: 0 },
      aggregate: { kind: 'sum', path: ['price'] },
    };
    const engine = createAudienceEngine({
      config: audienceConfig(
        [
          {
            name: 'many',
            title: '',
            rule: { kind: 'measure', measure: sum, comparison: { kind: 'number', above: 600 } },
          },
        ],
        new Map([['sum', sum]]),
      ),
      takeChange,
      clock: () => 0,
    });
    await engine.install(store);
    for (const [person, events] of [
      [1, 900],
      [2, 3_000],
      [3, 6_001],
    ]) {
      await run(
        `INSERT INTO fact SELECT $1, 'track', 'Viewed', $2::timestamptz - n * interval '1 second', n, gen_random_uuid(), 'test', '{"price": 0.1}'
         FROM generate_series(0, $3::int - 1) n`,
        [person, isoTime(start), events],
      );
    }
    await evaluate(engine, { touched: new Set([ada, bea, cleo]) });
    expect(await rows()).toEqual([['many', cleo, start, 'baseline']]);
    expect(await run('SELECT computed, check_at FROM profile ORDER BY id')).toEqual([
      { computed: { sum: 90 }, check_at: start - 899_000 + 10_000_000 },
      { computed: { sum: 300 }, check_at: start - 2_999_000 + 10_000_000 },
      { computed: { sum: 600.1 }, check_at: start - 6_000_000 + 10_000_000 },
    ]);
  });

  it('explains each part of a rule, and what was measured', async () => {
    const engine = await ready(cart);
    await event(1, 'Added', start);
    const explained = await store.transaction('gate', async (q) =>
      engine.explain(q, 'cart', ada, start),
    );
    expect(explained).toMatchObject({
      meets: false,
      because: [
        { meets: true, measured: 1 },
        { meets: false, because: [{ meets: true, measured: 1 }] },
      ],
    });
  });

  it('a preview counts without writing', async () => {
    await event(1, 'Ordered', start);
    const engine = await ready();
    expect(await engine.preview(store, buyers.rule, start)).toEqual({ size: 1, profiles: 3 });
    expect(await rows()).toEqual([]);
  });
});
