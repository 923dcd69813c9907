// What the store promises, on both drivers alike: values survive the way there and back, a
// transaction is all or nothing, lanes keep their order.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { emptyStore, eachStore } from '../../../test/support/stores.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { StoreErrorCode } from './errors.ts';
import { command, dynamicStatement, isoTime, statement } from './store.ts';
import type { Lane, Statement, Store } from './store.ts';

const migrationsFolder = new URL('./fixtures/migrations', import.meta.url).pathname;
const insertPair = statement('test.insert', 'INSERT INTO pair (key, value) VALUES ($1, $2)');
const addPair = command('test.add', 'INSERT INTO pair (key, value) VALUES ($1, $2)');
const selectPairs = statement('test.select', 'SELECT key, value FROM pair ORDER BY key');
const divide = statement('test.divide', 'SELECT 1 / $1::int AS result');
const pause = statement('test.pause', 'SELECT pg_sleep($1)');
const one = statement('test.one', 'SELECT 1 AS one');

function select(expression: string): Statement {
  return dynamicStatement('test.expression', `SELECT ${expression} AS value`);
}

eachStore('store', (open) => {
  let store: Store;
  const heard: { lane: Lane; name: string; milliseconds: number; waited: number }[] = [];
  beforeAll(async () => {
    store = await open({
      migrationsFolder,
      onStatement: (lane, name, milliseconds, waited) =>
        heard.push({ lane, name, milliseconds, waited }),
    });
    await emptyStore(store);
  });

  async function valueOf(expression: string, ...parameters: unknown[]): Promise<unknown> {
    const rows = await store.query<{ value: unknown }>('gate', select(expression), parameters);
    return rows[0]?.value;
  }

  describe('types', () => {
    it.each<[string, unknown]>([
      ['true', true],
      ['7::smallint', 7],
      ['-7::int', -7],
      ['9007199254740991::bigint', 9_007_199_254_740_991],
      ['1.50::numeric', '1.50'],
      ['0.1::real', 0.1],
      ["'NaN'::float8", Number.NaN],
      ["'-Infinity'::float8", Number.NEGATIVE_INFINITY],
      ["'3f333df6-90a4-4fda-8dd3-9485d27cee36'::uuid", '3f333df6-90a4-4fda-8dd3-9485d27cee36'],
      [`'{"a":[1,null]}'::jsonb`, { a: [1, null] }],
      [`'"text"'::json`, 'text'],
      ["'2024-02-29'::date", '2024-02-29'],
      ["'2024-02-29T12:00:00.5+02'::timestamptz", Date.UTC(2024, 1, 29, 10, 0, 0, 500)],
      ["'2024-02-29 12:00:00'::timestamp", Date.UTC(2024, 1, 29, 12)],
      ["'infinity'::timestamptz", Number.POSITIVE_INFINITY],
      ["'-infinity'::timestamptz", Number.NEGATIVE_INFINITY],
      ['NULL::text', null],
      ["ARRAY['a','b c','','NULL',NULL,'\"{\\,}']", ['a', 'b c', '', 'NULL', null, '"{\\,}']],
      [
        'ARRAY[ARRAY[1,2],ARRAY[3,4]]',
        [
          [1, 2],
          [3, 4],
        ],
      ],
      ["'[0:1]={5,6}'::bigint[]", [5, 6]],
      [
        "ARRAY['-infinity','2024-01-01 00:00+00']::timestamptz[]",
        [Number.NEGATIVE_INFINITY, Date.UTC(2024, 0, 1)],
      ],
      [`ARRAY['{"a":"\\"}"}','[]']::jsonb[]`, [{ a: '"}' }, []]],
      ['ARRAY[]::text[]', []],
      ["'\\x00ff'::bytea", Uint8Array.of(0, 255)],
    ])('reads %s', async (expression, expected) => {
      expect(await valueOf(expression)).toEqual(expected);
    });

    it.each([
      '9007199254740992::bigint',
      '(-9007199254740992)::bigint',
      'ARRAY[9223372036854775807]::bigint[]',
    ])('refuses %s, which JavaScript cannot hold', async (expression) => {
      await expect(valueOf(expression)).rejects.toMatchObject(code('STORE_VALUE_INVALID'));
      expect(await valueOf('1')).toBe(1);
    });

    it.each<[string, unknown]>([
      ['a Date', new Date(0)],
      ['an object', { a: 1 }],
      ['undefined', undefined],
      ['a Date in an array', [new Date(0)]],
    ])('refuses %s as a parameter', async (_, parameter) => {
      await expect(store.query('gate', one, [parameter])).rejects.toMatchObject(
        code('STORE_PARAMETER_INVALID'),
      );
    });

    it('gives back what it was given, one by one and as arrays', async () => {
      const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''));
      const integer = fc.maxSafeInteger();
      const bytes = fc.uint8Array();
      const time = fc.oneof(
        fc.integer({ min: -62_135_596_800_000 - 1e12, max: 8_640_000_000_000_000 }),
        fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      );
      const many = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<(T | null)[]> =>
        fc.array(fc.option(value), { maxLength: 8 });
      const echo = statement(
        'test.echo',
        `SELECT $1::text AS text, $2::bigint AS integer, $3::bytea AS bytes, $4::timestamptz AS time,
           $5::text[] AS texts, $6::bigint[] AS integers, $7::bytea[] AS bytess,
           $8::timestamptz[] AS times, $9::jsonb AS json, $10::boolean[] AS booleans,
           $11::float8 AS float`,
      );
      const row = fc.record({
        text,
        integer,
        bytes,
        time,
        texts: many(text),
        integers: many(integer),
        bytess: many(bytes),
        times: many(time),
        json: fc.array(fc.record({ key: fc.stringMatching(/^[^\0\\]*$/) })),
        booleans: many(fc.boolean()),
        float: fc.double().map((value) => value + 0),
      });
      await fc.assert(
        fc.asyncProperty(row, async (given) => {
          const time = isoTime(given.time);
          const times = given.times.map((value) => (value === null ? null : isoTime(value)));
          const [found] = await store.query<typeof given>('gate', echo, [
            given.text,
            given.integer,
            given.bytes,
            time,
            given.texts,
            given.integers,
            given.bytess,
            times,
            JSON.stringify(given.json),
            given.booleans,
            given.float,
          ]);
          expect(found).toEqual({ ...given, float: given.float === 0 ? 0 : given.float });
        }),
        { numRuns: 150 },
      );
    });
  });

  describe('transactions', () => {
    it('commits what the work function did', async () => {
      await emptyStore(store);
      const answer = await store.transaction('intake', async (transaction) => {
        await transaction.query(insertPair, ['a', 1]);
        return transaction.query(selectPairs);
      });
      expect(answer).toEqual([{ key: 'a', value: 1 }]);
      expect(await store.query('gate', selectPairs)).toEqual(answer);
    });

    it('answers statements that were sent without waiting, each to its caller', async () => {
      await emptyStore(store);
      const keys = ['a', 'b', 'c'];
      const counts = await store.transaction('intake', (transaction) =>
        Promise.all(
          keys.flatMap((key, index) => [
            transaction.query(insertPair, [key, index]),
            transaction.query(selectPairs),
          ]),
        ),
      );
      expect(counts.map((rows) => rows.length)).toEqual([0, 1, 0, 2, 0, 3]);
    });

    it('rolls back when the work function rejects', async () => {
      await emptyStore(store);
      const work = store.transaction('intake', async (transaction) => {
        await transaction.query(insertPair, ['a', 1]);
        throw new Error('changed its mind');
      });
      await expect(work).rejects.toThrow('changed its mind');
      expect(await store.query('gate', selectPairs)).toEqual([]);
    });

    it('rolls back when a statement failed, even one whose failure was swallowed', async () => {
      await emptyStore(store);
      const work = store.transaction('intake', async (transaction) => {
        await transaction.query(insertPair, ['a', 1]);
        void transaction.query(divide, [0]).catch(() => 'swallowed');
        void transaction.query(insertPair, ['b', 2]).catch(() => 'swallowed');
      });
      await expect(work).rejects.toMatchObject({ sqlState: '22012' });
      expect(await store.query('gate', selectPairs)).toEqual([]);
    });

    it('goes on while a command is under way, and sees what it did', async () => {
      await emptyStore(store);
      const answer = await store.transaction('intake', async (transaction) => {
        expect(await transaction.query(addPair, ['a', 1])).toEqual([]);
        return transaction.query(selectPairs);
      });
      expect(answer).toEqual([{ key: 'a', value: 1 }]);
    });

    it('rolls back when a command failed, and tells its reason rather than what followed', async () => {
      await emptyStore(store);
      const work = store.transaction('intake', async (transaction) => {
        await transaction.query(addPair, ['a', 1]);
        await transaction.query(addPair, ['a', 2]);
        await transaction.query(selectPairs);
      });
      await expect(work).rejects.toMatchObject({ sqlState: '23505' });
      const alone = store.transaction('intake', (transaction) =>
        Promise.all([transaction.query(addPair, ['a', 1]), transaction.query(addPair, ['a', 2])]),
      );
      await expect(alone).rejects.toMatchObject({ sqlState: '23505' });
      expect(await store.query('gate', selectPairs)).toEqual([]);
    });

    it('rolls back when a value could not be read', async () => {
      await emptyStore(store);
      const work = store.transaction('intake', async (transaction) => {
        await transaction.query(insertPair, ['a', 1]);
        await transaction.query(select('9007199254740993')).catch(() => 'swallowed');
      });
      await expect(work).rejects.toMatchObject(code('STORE_VALUE_INVALID'));
      expect(await store.query('gate', selectPairs)).toEqual([]);
    });

    it('refuses statements after its end, and calls of the store inside it', async () => {
      let kept: (() => Promise<unknown>) | undefined;
      await store.transaction('intake', async (transaction) => {
        kept = () => transaction.query(one);
        await expect(store.query('gate', one)).rejects.toMatchObject(code('STORE_NESTED'));
      });
      await expect(kept?.()).rejects.toMatchObject(code('STORE_TRANSACTION_ENDED'));
      expect(await store.query('gate', one)).toEqual([{ one: 1 }]);
    });

    it('keeps a cursor with what it stands for', async () => {
      const at = (): Promise<number> =>
        store.transaction('resolve', (transaction) => readCursor(transaction, 'resolve'));
      expect(await at()).toBe(0);
      await store.transaction('resolve', (transaction) => writeCursor(transaction, 'resolve', 7));
      await store
        .transaction('resolve', async (transaction) => {
          await writeCursor(transaction, 'resolve', 9);
          throw new Error('no');
        })
        .catch(() => undefined);
      expect(await at()).toBe(7);
    });
  });

  it('never repeats a value of a row in an error', async () => {
    const secret = 'ada@example.com';
    const bad = statement('test.bad', 'SELECT $1::bigint');
    const failure = await store.query('gate', bad, [secret]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORE_STATEMENT_FAILED', sqlState: '22P02' });
    await emptyStore(store);
    await store.query('gate', insertPair, [secret, 1]);
    const twice = await store
      .query('gate', insertPair, [secret, 1])
      .catch((error: unknown) => error);
    expect(twice).toMatchObject({ sqlState: '23505', constraint: 'pair_pkey' });
    for (const error of [failure, twice]) {
      expect(`${String(error)}${JSON.stringify(error)}`).not.toContain(secret);
    }
  });

  it('tells of each statement by lane and name', async () => {
    heard.length = 0;
    await store.transaction('resolve', async (transaction) => {
      await transaction.query(pause, [0.02]);
      await transaction.query(one);
    });
    expect(heard.map(({ lane, name }) => [lane, name])).toEqual([
      ['resolve', 'test.pause'],
      ['resolve', 'test.one'],
    ]);
    expect(heard[0]?.milliseconds).toBeGreaterThanOrEqual(19);
    expect(heard[1]?.waited).toBe(0);
  });

  it('empties itself but for what migrations put there', async () => {
    await store.query('gate', statement('test.head', 'UPDATE head SET last = 5'));
    await store.query('gate', insertPair, ['z', 1]);
    await emptyStore(store);
    expect(await store.query('gate', selectPairs)).toEqual([]);
    expect(await store.query('gate', select('(SELECT last FROM head)'))).toEqual([{ value: 0 }]);
  });
});

function code(expected: StoreErrorCode): { code: StoreErrorCode } {
  return { code: expected };
}
