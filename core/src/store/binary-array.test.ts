import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { eachStore } from '../../../test/support/stores.ts';
import { encodeBinaryArray } from './binary-array.ts';
import { isoTime, statement, type Store } from './store.ts';

const time = fc.date({
  min: new Date(-62_135_596_800_000),
  max: new Date(253_402_300_799_999),
  noInvalidDate: true,
});
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\u0000'));

/** Element type → a value as it is passed, and as it comes back where that differs. */
const elements: Record<string, fc.Arbitrary<readonly [unknown, unknown]>> = {
  bigint: fc.maxSafeInteger().map((value) => [value, value]),
  int: fc.integer({ min: -(2 ** 31 - 1) }).map((value) => [value, value]),
  smallint: fc.integer({ min: -32_767, max: 32_767 }).map((value) => [value, value]),
  float8: fc.double().map((value) => [value, value]),
  boolean: fc.boolean().map((value) => [value, value]),
  uuid: fc.uuid().map((value) => [value, value]),
  timestamptz: fc
    .oneof(fc.constantFrom(Infinity, -Infinity), time.map(Number))
    .chain((value) => fc.constantFrom<[unknown, unknown]>([isoTime(value), value], [value, value])),
  bytea: fc.uint8Array().map((value) => [value, value]),
  jsonb: fc
    .dictionary(text, fc.oneof(text, fc.integer()))
    .map((value) => [JSON.stringify(value), value]),
};

eachStore('arrays in binary form', (open) => {
  let opening: Promise<Store> | undefined;
  const names = Object.keys(elements);

  it.each(names)('come back as they were given: %s[]', async (type) => {
    const store = await (opening ??= open());
    const plan = statement(
      `binary.${type}`,
      `SELECT value FROM unnest($1::${type}[]) WITH ORDINALITY AS u(value, n) ORDER BY n`,
    );
    const element = elements[type] ?? fc.constant([null, null] as const);
    const values = fc.array(fc.option(element), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(values, async (given) => {
        const passed = given.map((pair) => pair?.[0] ?? null);
        expect(encodeBinaryArray(passed, type)).toBeDefined();
        const rows = await store.query<{ value: unknown }>('background', plan, [passed]);
        const found = rows.map(({ value }) => value);
        expect(found).toEqual(given.map((pair) => (pair === null ? null : pair[1])));
      }),
      { numRuns: 20 },
    );
  });

  it('leave to text what only text can say', async () => {
    const store = await (opening ??= open());
    const plan = statement(
      'binary.mixed',
      'SELECT $1::timestamptz[] AS times, $2::int[] AS numbers',
    );
    const long = isoTime(Date.UTC(12_000, 0, 1));
    expect(await store.query('background', plan, [[long], ['7']])).toEqual([
      { times: [Date.UTC(12_000, 0, 1)], numbers: [7] },
    ]);
    await expect(store.query('background', plan, [[], [2 ** 31]])).rejects.toThrow(/binary\.mixed/);
  });
});

describe('encodeBinaryArray', () => {
  it.each([
    ['uuid', 'no uuid'],
    ['int', 2 ** 31],
    ['smallint', 1.5],
    ['timestamptz', '2024-05-06'],
    ['jsonb', { an: 'object' }],
    ['text', 'a type that is told as text'],
  ])('leaves %s %j to others', (type, value) => {
    expect(encodeBinaryArray([value], type)).toBeUndefined();
  });
});
