// What the examples do not show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeAfter, placeOf, recordOf } from '../src/map.ts';

test('an event of nobody is kept aside, as Acme sent it, and passed', () => {
  const item = { id: 8, name: 'Signed Up' };
  assert.deepEqual(recordOf(item), { type: 'unreadable', item });
  assert.equal(placeAfter([item], 7), 8);
});

test('events without a number lead nowhere, and somebody is told', () => {
  assert.equal(placeAfter([], 7), 7);
  assert.throws(() => placeAfter([{ name: 'Signed Up' }], 7), /without an id/);
});

test('a checkpoint of another kind begins anew', () => {
  assert.equal(placeOf('7'), 0);
  assert.equal(placeOf(7), 7);
});
