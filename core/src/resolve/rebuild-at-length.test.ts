// A rebuild of a large store: none of its transactions grows with what is stored, and none that took too long
// throws away what was done before.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { createLine, type Line } from '../../../test/support/line.ts';
import { eachStore, emptyStore } from '../../../test/support/stores.ts';
import { StoreError } from '../store/errors.ts';
import {
  dynamicStatement,
  statement,
  type Statement,
  type Store,
  type Transaction,
} from '../store/store.ts';
import { rebuild } from './rebuild.ts';

const start = Date.parse('2026-03-01T12:00:00.000Z');
const many = 40_000;
/** Of the largest slice on either store. */
const most = 15_000;

eachStore('a rebuild at length', (open) => {
  let store: Store;
  let line: Line;

  beforeAll(async () => {
    store = await open();
  });
  beforeEach(async () => {
    await emptyStore(store);
    line = await createLine(store, { now: start });
    await line.accept(
      'web',
      ['A', 'B', 'C'].map((event) => ({
        type: 'track',
        messageId: event,
        event,
        identifiers: [{ namespace: 'user_id', value: `u${event}` }],
      })),
    );
    await line.resolve();
  });

  const rows = (text: string) => store.query('background', dynamicStatement('test.read', text));
  const facts = async () =>
    (await rows('SELECT name FROM fact ORDER BY name')).map(({ name }) => name);
  const rebuildOn = async (seen: Store) => {
    const pauses: number[] = [];
    const clock = { sleep: async (pause: number) => void pauses.push(pause) };
    await rebuild({ store: seen, room: line.room, clock });
    return pauses;
  };

  /** The store, with a look at each statement before it is sent, and at each transaction from both ends. */
  const watched = (
    before: (statement: Statement, parameters: readonly unknown[]) => void,
    atBothEnds: (transaction: Transaction) => Promise<void> = () => Promise.resolve(),
  ): Store => {
    const transaction: Store['transaction'] = (lane, work) =>
      store.transaction(lane, async (inner) => {
        await atBothEnds(inner);
        const result = await work({
          query: async (asked, parameters = []) => {
            before(asked, parameters);
            return inner.query(asked, parameters);
          },
        });
        await atBothEnds(inner);
        return result;
      });
    return {
      ...store,
      transaction,
      query: (lane, asked, parameters) =>
        transaction(lane, (inner) => inner.query(asked, parameters)),
    };
  };

  it('changes a bounded number of rows in one transaction, however many there are', async () => {
    await fill(store);
    let largest = 0;
    const begun = new WeakMap<Transaction, number>();
    const bounded = watched(
      () => undefined,
      async (transaction) => {
        const [row] = await transaction.query<{ count: number }>(countChanged);
        const count = row?.count ?? 0;
        const before = begun.get(transaction) ?? count;
        begun.set(transaction, before);
        largest = Math.max(largest, count - before);
      },
    );
    await rebuildOn(bounded);
    expect(await facts()).toEqual(['A', 'B', 'C']);
    expect(
      await rows(`SELECT
        (SELECT count(*) FROM membership) AS members,
        (SELECT count(*) FROM profile) AS profiles,
        (SELECT count(*) FROM contact) AS contacts,
        (SELECT count(*) FROM identifier WHERE profile_id IS NOT NULL) AS named,
        (SELECT count(*) FROM identifier WHERE component <> id) AS together`),
    ).toEqual([{ members: 3, profiles: 3, contacts: 0, named: 3, together: 0 }]);
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThan(most);
  }, 120_000);

  const late = () => new StoreError('STORE_STATEMENT_FAILED', 'canceled', { sqlState: '57014' });

  it.each(['resolve.forget_fact', 'profile.insert_facts', 'resolve.drop_unnamed'])(
    'goes on where it was when %s has taken too long',
    async (name) => {
      const ran: string[] = [];
      let failures = 0;
      const pauses = await rebuildOn(
        watched((asked) => {
          ran.push(asked.name);
          if (asked.name === name && (failures += 1) <= 4) throw late();
        }),
      );
      expect(pauses.length).toBeGreaterThan(0);
      expect(ran.filter((one) => one === 'resolve.reset_cursor')).toHaveLength(1);
      expect(await facts()).toEqual(['A', 'B', 'C']);
      expect(await rows('SELECT 1 FROM quarantine')).toEqual([]);
    },
  );

  it('looks for earlier forms slice by slice, and goes on at the one that has taken too long', async () => {
    await fill(store);
    const starts: unknown[] = [];
    await rebuildOn(
      watched((asked, [after]) => {
        if (asked.name !== 'identity.select_unnamed') return;
        starts.push(after);
        if (starts.length === 4 || starts.length === 5) throw late();
      }),
    );
    expect(starts.slice(4, 6)).toEqual([starts[3], starts[3]]);
    expect(starts).toHaveLength(new Set(starts).size + 2);
    expect(await rows('SELECT count(*) AS left FROM identifier')).toEqual([{ left: 3 }]);
  }, 120_000);

  it('puts a record aside that always takes too long, and comes to its end', async () => {
    await rebuildOn(
      watched((asked, [, , names]) => {
        const isB = Array.isArray(names) && names.includes('B');
        if (asked.name === 'profile.insert_facts' && isB) throw late();
      }),
    );
    expect(await facts()).toEqual(['A', 'C']);
    expect(await rows('SELECT number, code FROM quarantine')).toEqual([
      { number: 2, code: 'RESOLVE_FAILED' },
    ]);
  });

  it('ends with what will not pass', async () => {
    const gone = new StoreError('STORE_NOT_ON_DUTY', 'another one works');
    const failing = watched((asked) => {
      if (asked.name === 'resolve.forget_fact') throw gone;
    });
    await expect(rebuildOn(failing)).rejects.toBe(gone);
  });
});

/** Rows that were changed or taken out so far, by the transaction and those shortly before it. */
const countChanged = statement(
  'test.count_changed',
  `SELECT coalesce(sum(n_tup_upd + n_tup_del), 0)::bigint AS count FROM pg_stat_xact_user_tables
   WHERE schemaname = current_schema()`,
);

/** People of whom no record is in the log. */
async function fill(store: Store): Promise<void> {
  const numbers = `generate_series(1, ${many}) AS n`;
  const texts = [
    `INSERT INTO identifier (hash, latent_id, namespace, kind, value, first_at, last_at, component,
       profile_id)
     SELECT gen_random_uuid(), gen_random_uuid(), 'user_id', 'person', 'v' || n, now(), now(), 0,
       gen_random_uuid() FROM ${numbers}`,
    `INSERT INTO fact SELECT n, 'track', 'X', now(), n, gen_random_uuid(), 'web', '{}' FROM ${numbers}`,
    `INSERT INTO contact SELECT n, n, now() FROM ${numbers}`,
    `INSERT INTO profile SELECT gen_random_uuid(), '{}', '{}', 0 FROM ${numbers}`,
    `INSERT INTO membership SELECT 'a', id, now(), 'live', 0 FROM profile`,
  ];
  for (const text of texts) await store.query('background', dynamicStatement('test.fill', text));
}
