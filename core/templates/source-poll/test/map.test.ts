// What the examples do not show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf, recordOf } from '../src/map.ts';

test('a person without an address is kept aside, as Acme sent it', () => {
  const item = { id: 'p-1', version: 1 };
  assert.deepEqual(recordOf(item), { type: 'unreadable', item });
});

test('a checkpoint of another kind begins anew', () => {
  assert.equal(placeOf({ after: 7 }), '');
  assert.equal(placeOf('7'), '7');
});
