// What the examples do not show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOrder } from '../src/map.ts';

const order = { id: '7', email: 'ada@example.com', total: 42 };
const read = (value: unknown) => readOrder(Buffer.from(JSON.stringify(value)));

test('an order is read', () => {
  assert.deepEqual(read(order), order);
});

test('an order without a person, an id or a total is none', () => {
  for (const lacking of [{ email: '' }, { id: 7 }, { total: '42' }]) {
    assert.equal(read({ ...order, ...lacking }), undefined);
  }
});
