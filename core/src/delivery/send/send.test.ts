// The small parts of sending: waiting, cutting batches, reading a stranger's answer.
import fc from 'fast-check';
import { PluginError } from '@tributary/sdk';
import { describe, expect, test } from 'vitest';
import { destinationSettings } from '../../../../test/support/delivery-hub.ts';
import { backoffMs, waitMs } from './backoff.ts';
import { cutBatches } from './batches.ts';
import { readFailure, readOutcomes } from './read-outcomes.ts';
import { createTraffic } from './traffic.ts';

const { retry } = destinationSettings('x');
const redact = (words: string): string => words.replaceAll('secret', '…');

describe('waiting', () => {
  test('backoff is jittered over the whole range, and capped', () => {
    expect(backoffMs(3, retry, () => 0)).toBe(0);
    expect(backoffMs(3, retry, () => 0.999_999)).toBe(7_999);
    expect(backoffMs(1_000, retry, () => 0.999_999)).toBeLessThan(retry.capMs);
  });

  test('the larger of Retry-After and backoff counts, Retry-After up to a bound', () => {
    expect(waitMs(0, 5_000, retry, () => 0)).toBe(5_000);
    expect(waitMs(5, 1, retry, () => 0.5)).toBe(16_000);
    expect(waitMs(0, 1e12, retry, () => 0)).toBe(retry.maxRetryAfterMs);
    expect(waitMs(0, Number.NaN, retry, () => 0)).toBe(0);
  });

  test('calls per second are kept to', () => {
    const traffic = createTraffic({ callsPerSecond: 4, retry, random: () => 0.5 });
    traffic.noteCall(1_000);
    expect(traffic.nextCallAt()).toBe(1_250);
    traffic.noteCall(1_250);
    expect(traffic.nextCallAt()).toBe(1_500);
  });
});

describe('cutting batches', () => {
  const item = fc.record({
    attempts: fc.nat({ max: 12 }),
    payload: fc.record({ text: fc.string({ maxLength: 60 }) }),
  });
  test('within the limits, nothing lost, nothing twice', () => {
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 300 }),
        (items, batchRecords, batchBytes) => {
          const batches = cutBatches(items, { batchRecords, batchBytes });
          for (const batch of batches) {
            const bytes = batch.reduce(
              (sum, { payload }) => sum + Buffer.byteLength(JSON.stringify(payload)),
              0,
            );
            expect(batch.length).toBeGreaterThan(0);
            expect(batch.length).toBeLessThanOrEqual(batchRecords);
            // A record that is too large alone still goes, alone.
            expect(bytes <= batchBytes || batch.length === 1).toBe(true);
          }
          const all = batches.flat();
          expect(all).toHaveLength(items.length);
          expect(new Set(all)).toEqual(new Set(items));
        },
      ),
    );
  });

  test('what has failed often travels alone', () => {
    const items = Array.from({ length: 6 }, (_, place) => ({
      attempts: place < 4 ? 0 : 8,
      payload: {},
    }));
    const sizes = cutBatches(items, { batchRecords: 100, batchBytes: 1e6 }).map((b) => b.length);
    expect(sizes).toEqual([4, 1, 1]);
  });
});

describe('reading an answer', () => {
  const rules = { now: 1_000, pollAfterMs: 500, redact };

  test('any answer at all gives each handle one settlement; success only where it was said', () => {
    const outcome = fc.oneof(
      fc.constant({ kind: 'delivered' }),
      fc.anything(),
      fc.record({ kind: fc.constantFrom('accepted', 'retry', 'rejected'), job: fc.anything() }),
    );
    const entry = fc.oneof(
      fc.record({ handle: fc.constantFrom('a', 'b', 'c'), outcome }),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.oneof(fc.array(entry), fc.anything()), (answer) => {
        const settlements = readOutcomes(answer, ['a', 'b'], rules);
        expect([...settlements.keys()]).toEqual(['a', 'b']);
        for (const [handle, settlement] of settlements) {
          if (settlement.kind !== 'delivered') continue;
          const own = (Array.isArray(answer) ? answer : []).filter(
            (given) => typeof given === 'object' && given !== null && given.handle === handle,
          );
          expect(own).toHaveLength(1);
          expect(own[0].outcome.kind).toBe('delivered');
        }
      }),
    );
  });

  test('an accepted job is asked about when the vendor says so', () => {
    const answer = [{ handle: 'a', outcome: { kind: 'accepted', job: 'j', pollAfterMs: 70 } }];
    expect(readOutcomes(answer, ['a'], rules).get('a')).toEqual({
      kind: 'accepted',
      job: 'j',
      pollAt: 1_070,
    });
  });

  test('an error says who must act; what is no plugin’s error may have happened', () => {
    expect(readFailure(new PluginError('auth', 'a secret key'), redact)).toMatchObject({
      kind: 'auth',
      reason: 'a … key',
    });
    expect(readFailure(new TypeError('x is not a function'), redact).kind).toBe('unknown');
    expect(readFailure('text', redact).kind).toBe('unknown');
  });
});
