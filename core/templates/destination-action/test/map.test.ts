// What the examples do not show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTaken } from '../src/map.ts';

test('only the vendor’s own word counts as taken', () => {
  assert.equal(isTaken('{"status":"queued"}'), true);
  for (const text of ['{}', '<html>', '"queued"']) assert.equal(isTaken(text), false);
});
