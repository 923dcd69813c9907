// What the examples do not show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf, readPerson } from '../src/map.ts';

test('a person without an address is none', () => {
  assert.equal(readPerson({ id: 'p-1', version: 1 }), undefined);
});

test('a checkpoint of another kind begins anew', () => {
  assert.equal(placeOf({ after: 7 }), '');
  assert.equal(placeOf('7'), '7');
});
