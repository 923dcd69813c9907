// What the examples do not show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readResults, toOutcome } from '../src/map.ts';

test('an answer that is no JSON says nothing on anybody', () => {
  assert.equal(readResults('<html>').size, 0);
  assert.equal(toOutcome(undefined).kind, 'in_doubt');
});

test('a refusal without words is a refusal all the same', () => {
  assert.deepEqual(toOutcome({ ok: false }), { kind: 'rejected', reason: 'no reason given' });
});
