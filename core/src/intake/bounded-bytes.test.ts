// What waits for its commit is bounded by its bytes as well: a few large bodies fill a memory as surely as
// many small ones.
import { expect, test } from 'vitest';
import { testBounds, testKeys, testSettings } from '../../../test/support/settings.ts';
import { recordProblem } from '../standardise/problem.ts';
import type { Store } from '../store/store.ts';
import { createIntake, isIntakeBusy, type Intake } from './intake.ts';

const body = new Uint8Array(1_048_576);
const problem = recordProblem('RECORD_UNREADABLE', 'source web', 'no JSON', 'Mend the sender.');

/** A database that takes what it is given, and tells how many bytes came at once. */
function createTaker(taken: number[]): Store {
  const query: Store['query'] = async () => [];
  const transaction = {
    query: async (_: unknown, parameters: readonly unknown[] = []) => {
      const lists = parameters.filter((list) => Array.isArray(list));
      const blobs = lists.flat().filter((value) => value instanceof Uint8Array);
      taken.push(blobs.reduce((sum, { byteLength }) => sum + byteLength, 0));
      return [];
    },
  };
  const partial: Partial<Store> = {
    query,
    transaction: async (_, work) => work(transaction),
  };
  return partial as Store;
}

function createWith(taken: number[]): Intake {
  return createIntake({
    store: createTaker(taken),
    keys: testKeys,
    bounds: testBounds,
    settings: testSettings(),
    onCommitted: () => Promise.resolve(),
  });
}

test('sources are told to wait before what waits fills the memory', async () => {
  const taken: number[] = [];
  const intake = createWith(taken);
  const keep = () => intake.keepUnreadable('web', 1, problem, body);
  const results = await Promise.allSettled(Array.from({ length: 300 }, keep));
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused.every(({ reason }) => isIntakeBusy(reason))).toBe(true);
  expect(refused).toHaveLength(172);
  expect(refused[0]?.reason.message).toBe(
    'INTAKE_BUSY: intake: 134217728 bytes wait, at most 134217728 may. Send again after the stated time.',
  );
  expect(taken.reduce((sum, bytes) => sum + bytes, 0)).toBe(128 * body.byteLength);
  expect(Math.max(...taken)).toBe(16 * body.byteLength);
  await expect(keep()).resolves.toBeUndefined();
});
