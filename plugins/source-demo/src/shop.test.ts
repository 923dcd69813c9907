// The shop is the same for the same seed, and shows one of everything in its first minute for any.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceRecord } from '@tributary/sdk';
import { describeRecordProblem } from '@tributary/sdk/testing';
import { createCustomer } from './customers.ts';
import { firstMoments, recordsUntil } from './fixtures/watch.ts';
import type { Moment, ShopSettings } from './shop.ts';

const opensAt = Date.UTC(2026, 2, 1);
const day = 86_400_000;

const anySettings: fc.Arbitrary<ShopSettings> = fc.record({
  seed: fc.nat(),
  customers: fc.oneof(fc.constant(10), fc.integer({ min: 10, max: 1_000 })),
  visitsPerMinute: fc.constantFrom(0.1, 7, 60, 6_000, 600_000),
  backfillDays: fc.constantFrom(0, 30, 365),
});

const take = (settings: ShopSettings, count: number): Moment[] =>
  firstMoments(settings, opensAt, count);

function recordsOf(moments: readonly Moment[]): SourceRecord[] {
  return moments.flatMap(({ records }) => records);
}

const valueOf = ({ identifiers }: SourceRecord, namespace: string): string | undefined =>
  identifiers.find((identifier) => identifier.namespace === namespace)?.value;

it('is the same for the same seed', () => {
  fc.assert(
    fc.property(anySettings, (settings) => {
      expect(take(settings, 200)).toEqual(take(settings, 200));
    }),
    { numRuns: 30 },
  );
});

it('has other customers for another seed', () => {
  const values = (seed: number): Set<string> => {
    const settings = { seed, customers: 50, visitsPerMinute: 60, backfillDays: 365 };
    const identifiers = recordsOf(take(settings, 500)).flatMap((record) => record.identifiers);
    return new Set(identifiers.map(({ namespace, value }) => `${namespace}:${value}`));
  };
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(), { minLength: 2, maxLength: 2 }),
      ([one = 0, other = 0]) => {
        const others = values(other);
        expect([...values(one)].filter((value) => others.has(value))).toEqual([]);
      },
    ),
    { numRuns: 20 },
  );
});

it('says nothing twice, nothing that the hub cannot take, and all in the order of time', () => {
  fc.assert(
    fc.property(anySettings, (settings) => {
      const moments = take(settings, 1_000);
      const records = recordsOf(moments);
      expect(new Set(records.map(({ messageId }) => messageId)).size).toBe(records.length);
      const orders = records.flatMap((record) =>
        record.type === 'track' && record.event === 'Order Completed' ? [record.properties] : [],
      );
      expect(new Set(orders.map((order) => order?.['order_id'])).size).toBe(orders.length);
      expect(records.map(describeRecordProblem).filter(Boolean)).toEqual([]);
      const times = moments.map(({ at }) => at);
      expect(times).toEqual(times.toSorted((left, right) => left - right));
    }),
    { numRuns: 20 },
  );
});

describe('the first minute, whatever the seed', () => {
  const whatever = (check: (records: SourceRecord[], settings: ShopSettings) => void): void => {
    const settings = fc.record({
      seed: fc.nat(),
      customers: fc.constantFrom(10, 200),
      visitsPerMinute: fc.constantFrom(0.1, 60, 600),
      backfillDays: fc.constantFrom(0, 365),
    });
    fc.assert(
      fc.property(settings, (given) => check(recordsUntil(given, opensAt, 60_000), given)),
      { numRuns: 30 },
    );
  };

  it('joins a person from records that each know a part of her', () => {
    whatever((records, { seed }) => {
      const { email, loyaltyCard, phoneDevice, userId } = createCustomer(seed, 0);
      const live = records.filter(({ historical }) => !historical);
      const about = (namespace: string, value: string): SourceRecord[] =>
        live.filter((record) => valueOf(record, namespace) === value);
      const [till, link] = about('loyalty_card', loyaltyCard);
      const [sign] = about('anonymous_id', phoneDevice);
      const [login] = about('user_id', userId);
      // At the till only her card; the account learns of it later, and two people become one.
      expect(till).toMatchObject({ type: 'track', event: 'Order Completed' });
      expect(till?.identifiers).toHaveLength(1);
      expect(link && valueOf(link, 'user_id')).toBe(userId);
      expect(sign && valueOf(sign, 'email')).toBe(email);
      expect(login).toMatchObject({ type: 'identify', traits: { email } });
    });
  });

  it('sees somebody change her mind', () => {
    whatever((records, { seed }) => {
      const { email } = createCustomer(seed, 2);
      const statuses = records
        .filter((record) => valueOf(record, 'email') === email && !record.historical)
        .flatMap(({ consents = [] }) => consents)
        .filter(({ purpose }) => purpose === 'email_marketing')
        .map(({ status }) => status);
      expect(statuses).toEqual(['granted', 'withdrawn']);
    });
  });

  it('sees two people at one computer, of which one sends a privacy signal', () => {
    whatever((records, { seed }) => {
      const { computer, userId } = createCustomer(seed, 8);
      const there = records.filter((record) => valueOf(record, 'anonymous_id') === computer);
      const users = there.map((record) => valueOf(record, 'user_id')).filter(Boolean);
      expect(new Set(users)).toEqual(new Set([userId, createCustomer(seed, 9).userId]));
      const signals = there.filter(({ context }) => context?.['gpc'] === true);
      expect(signals.length).toBeGreaterThan(0);
    });
  });
});

describe('history', () => {
  const settings = { seed: 7, customers: 200, visitsPerMinute: 60 };
  const pastOf = (backfillDays: number): SourceRecord[] => {
    const moments = take({ ...settings, backfillDays }, 1);
    return recordsOf(moments).filter(({ historical }) => historical);
  };
  const timeOf = ({ timestamp }: SourceRecord): number => Number(timestamp);
  const whole = new Map(pastOf(3_650).map((record) => [record.messageId, record]));

  it('holds together wherever it is cut', () => {
    expect(whole.size).toBeGreaterThan(80);
    fc.assert(
      fc.property(fc.nat(400), (backfillDays) => {
        const from = opensAt - backfillDays * day;
        const past = pastOf(backfillDays);
        for (const record of past) {
          expect(timeOf(record)).toBeGreaterThanOrEqual(from);
          expect(timeOf(record)).toBeLessThan(opensAt);
          expect({ ...record, timestamp: 0 }).toEqual({
            ...whole.get(record.messageId),
            timestamp: 0,
          });
        }
        const byUser = Map.groupBy(past, (record) => valueOf(record, 'user_id'));
        for (const [first, ...others] of byUser.values()) {
          expect(first?.type).toBe('identify');
          expect(others.every((record) => record.type === 'track')).toBe(true);
          const since = first === undefined ? Infinity : timeOf(first);
          expect(others.every((record) => timeOf(record) >= since)).toBe(true);
        }
      }),
    );
  });

  it('knows somebody whose last order is in it, with just the orders that are', () => {
    const from = opensAt - 100 * day;
    const idsOf = (records: Iterable<SourceRecord>): string[] =>
      [...records]
        .filter((record) => record.type === 'track' && timeOf(record) >= from)
        .map(({ messageId = '' }) => messageId)
        .toSorted();
    expect(idsOf(pastOf(100))).toEqual(idsOf(whole.values()));
  });

  it('is empty for 0 days', () => {
    expect(pastOf(0)).toEqual([]);
  });
});
