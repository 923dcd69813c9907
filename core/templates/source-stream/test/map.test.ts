// What the examples do not show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf, readEvent } from '../src/map.ts';

test('an event of nobody is none', () => {
  assert.equal(readEvent({ id: 1, name: 'Signed Up' }), undefined);
});

test('a checkpoint of another kind begins anew', () => {
  assert.equal(placeOf('7'), 0);
  assert.equal(placeOf(7), 7);
});
