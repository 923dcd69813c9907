// Whatever stops the shop, no record is lost or told twice.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  isJsonObject,
  type Clock,
  type JsonValue,
  type SourcePage,
  type SourceRecord,
} from '@tributary/sdk';
import { createTestClock, createTestContext } from '@tributary/sdk/testing';
import plugin from './index.ts';
import { runShop } from './run-shop.ts';
import { defaults } from './settings.ts';
import { firstMoments, firstRecords } from './fixtures/watch.ts';
import type { ShopSettings } from './shop.ts';

const opensAt = Date.UTC(2026, 2, 1);
const small: ShopSettings = { seed: 3, customers: 40, visitsPerMinute: 120, backfillDays: 365 };

interface Run {
  readonly settings: ShopSettings;
  readonly now: number;
  readonly checkpoint: JsonValue | undefined;
  readonly pages: number;
}

/** Reads so many pages, as the hub does. */
async function run(
  { settings, now, checkpoint, pages }: Run,
  clock: Clock = createTestClock({ now, sleeps: 'pass' }),
): Promise<{ readonly pages: readonly SourcePage[]; readonly now: number }> {
  const context = createTestContext({ settings, clock });
  const read: SourcePage[] = [];
  const stream = plugin.stream?.({ ...context, connection: undefined, checkpoint }) ?? [];
  for await (const page of stream) {
    read.push(page);
    if (read.length >= pages) break;
  }
  return { pages: read, now: clock.now() };
}

const recordsOf = (pages: readonly SourcePage[]): SourceRecord[] =>
  pages.flatMap(({ records }) => records);

const isPast = ({ historical }: SourceRecord): boolean => historical === true;

it('loses nothing and doubles nothing, wherever it is stopped and however long', async () => {
  const stops = fc.array(
    fc.record({
      pages: fc.integer({ min: 1, max: 12 }),
      lost: fc.nat(2),
      pausedMs: fc.nat(10 * 86_400_000),
    }),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(stops, fc.nat(), async (given, seed) => {
      const settings = { ...small, seed };
      const committed: SourceRecord[] = [];
      let checkpoint: JsonValue | undefined;
      let now = opensAt;
      for (const { pages, lost, pausedMs } of given) {
        const read = await run({ settings, now, checkpoint, pages });
        const kept = read.pages.slice(0, Math.max(0, pages - lost));
        committed.push(...recordsOf(kept));
        const last = kept.at(-1)?.checkpoint;
        if (last !== undefined) checkpoint = JSON.parse(JSON.stringify(last));
        now = read.now + pausedMs;
      }
      const shop = isJsonObject(checkpoint) ? checkpoint : { records: 0, opensAt };
      const whole = firstRecords(settings, Number(shop['opensAt']), committed.length);
      expect(shop['records']).toBe(committed.length);
      expect(committed.map(timeless)).toEqual(whole.map(timeless));
      expect(committed.filter(isPast)).toEqual(whole.filter(isPast));
      expect(isInOrder(committed.filter((record) => !isPast(record)))).toBe(true);
    }),
    { numRuns: 40 },
  );
});

/** After a pause things are said later than they would have been. */
const timeless = (record: SourceRecord): object => ({ ...record, timestamp: 0 });

function isInOrder(records: readonly SourceRecord[]): boolean {
  const times = records.map(({ timestamp }) => Number(timestamp));
  return times.every((time, place) => time >= (times[place - 1] ?? 0));
}

it('tells things when they happen', async () => {
  const { pages } = await run({ settings: small, now: opensAt, checkpoint: undefined, pages: 60 });
  const live = pages.filter(({ records }) => !records.some(isPast));
  expect(live.length).toBeGreaterThan(50);
  const moments = firstMoments(small, opensAt, live.length + 1).slice(1);
  expect(recordsOf(live).map(({ timestamp }) => timestamp)).toEqual(
    moments.map(({ at }) => Math.round(opensAt + at)),
  );
});

it('goes on after a pause without making up for it', async () => {
  const { pages, now } = await run({
    settings: small,
    now: opensAt,
    checkpoint: undefined,
    pages: 30,
  });
  const checkpoint = pages.at(-1)?.checkpoint;
  const resumed = await run({ settings: small, now: now + 3_600_000, checkpoint, pages: 20 });
  const [first] = recordsOf(resumed.pages);
  expect(first?.timestamp).toBeGreaterThanOrEqual(now + 3_600_000);
  expect(resumed.now - (now + 3_600_000)).toBeLessThan(120_000);
});

it('opens anew with other settings, and tells nobody’s past twice', async () => {
  const before = await run({ settings: small, now: opensAt, checkpoint: undefined, pages: 30 });
  const checkpoint = before.pages.at(-1)?.checkpoint;
  const settings = { ...small, visitsPerMinute: 30, backfillDays: 30 };
  const after = await run({ settings, now: before.now, checkpoint, pages: 30 });
  const [old, young] = [recordsOf(before.pages), recordsOf(after.pages)];
  const known = new Set(old.map(({ messageId }) => messageId));
  const isKnown = ({ messageId }: SourceRecord): boolean => known.has(messageId);
  expect(young.filter(isPast).every(isKnown)).toBe(true);
  expect(young.filter((record) => !isPast(record)).length).toBeGreaterThan(20);
  expect(young.filter((record) => !isPast(record)).some(isKnown)).toBe(false);
});

it('begins anew where a checkpoint is not its own', async () => {
  for (const checkpoint of [null, 7, {}, { shop: 'x' }, { records: 'many' }]) {
    const { pages } = await run({ settings: small, now: opensAt, checkpoint, pages: 1 });
    expect(recordsOf(pages)[0]?.messageId).toBe('shop-3-past-0-0');
  }
});

it('hands over what is due in pages, so that a busy shop needs few commits', async () => {
  const settings = { ...defaults, visitsPerMinute: 600_000 };
  // Timers are coarse, and the hub is busy committing: much is due when the shop wakes.
  let now = opensAt;
  const clock: Clock = {
    now: () => now,
    sleep: (milliseconds) => {
      now += Math.max(milliseconds, 50);
      return Promise.resolve();
    },
  };
  const { pages } = await run({ settings, now, checkpoint: undefined, pages: 60 }, clock);
  const sizes = pages.map(({ records }) => records.length);
  expect(Math.max(...sizes)).toBe(200);
  expect(recordsOf(pages).length).toBeGreaterThan(60 * 50);
});

it('ends when it is told to', async () => {
  const clock = createTestClock({ now: opensAt });
  const context = createTestContext({ settings: small, clock });
  const stream = runShop(small, { ...context, checkpoint: undefined });
  expect((await stream.next()).done).toBe(false);
  const next = stream.next();
  context.abort();
  const ended = await next.then(
    ({ done }) => done,
    (error: unknown) => error instanceof Error && error.name === 'AbortError',
  );
  expect(ended).toBe(true);
});
