// The demo's shop in the demo's hub: after a minute every audience has members who may be written to
// and members who may not, whatever the seed.
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { loadConfig, type LoadedConfig } from '../../../core/src/config/load-config.ts';
import { createConfigWorld } from '../../../core/src/config/world.ts';
import { membersOf } from '../../../core/src/audience/read.ts';
import { createConsentReader } from '../../../core/src/consent/read.ts';
import { dynamicStatement, type Store } from '../../../core/src/store/store.ts';
import { createLine, type Line } from '../../../test/support/line.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import { recordsUntil } from './fixtures/watch.ts';
import { defaults } from './settings.ts';
import type { ShopSettings } from './shop.ts';

const opensAt = Date.UTC(2026, 2, 1, 12);
const minute = 60_000;
let loaded: LoadedConfig;

beforeAll(async () => {
  const file = new URL('../../../config/demo.yaml', import.meta.url).pathname;
  loaded = await loadConfig(file, createConfigWorld({}));
});

eachStore('the demo', (open) => {
  const cleanStore = withCleanStore(open);

  it('shows every audience with and without a grant after a minute, for any seed', async () => {
    const settings = fc.record({ seed: fc.nat(), customers: fc.constantFrom(10, 200) });
    await fc.assert(
      fc.asyncProperty(settings, async (given) => {
        const store = await cleanStore();
        const line = await playMinute(store, { ...defaults, ...given });
        for (const audience of ['cart_abandoned', 'lapsed_vips', 'newsletter_readers']) {
          const grants = await grantsIn(store, line, audience);
          expect({ audience, grants: new Set(grants) }).toEqual({
            audience,
            grants: new Set([true, false]),
          });
        }
      }),
      { numRuns: 3 },
    );
  });

  it('joins till, telephone and computer to one person', async () => {
    const store = await cleanStore();
    await playMinute(store, defaults);
    const [row] = await store.query<{ people: number }>('background', peopleOfFirst, [
      ['LC-1-0', 'customer-1-0'],
    ]);
    expect(row?.people).toBe(1);
  });
});

const peopleOfFirst = dynamicStatement(
  'test.people',
  'SELECT count(DISTINCT profile_id)::int AS people FROM identifier WHERE value = ANY($1::text[])',
);

/** Hears of the whole minute when it is over: the times of what was said are the same. */
async function playMinute(store: Store, settings: ShopSettings): Promise<Line> {
  const { config } = loaded;
  const line = await createLine(store, {
    settings: config,
    audiences: config.audiences,
    now: opensAt,
  });
  line.time.now = opensAt + minute;
  await line.accept('shop', recordsUntil(settings, opensAt, minute));
  await line.resolve();
  return line;
}

/** Per member whether her address may be written to now. */
async function grantsIn(store: Store, line: Line, name: string): Promise<boolean[]> {
  const { consent, identity, audiences } = loaded.config;
  const { now } = line.time;
  const audience = audiences.find((known) => known.name === name);
  if (!audience) throw new Error(`the demo has no audience ${name}`);
  return store.transaction('background', async (transaction) => {
    const members = await membersOf(transaction, audiences, audience, now, { limit: 1_000 });
    const rows = await transaction.query<{ profile_id: string; id: number }>(addresses, [
      members.map(({ profileId }) => profileId),
    ]);
    const subjects = rows.map((row) => ({ profileId: row.profile_id, identifierIds: [row.id] }));
    const reader = createConsentReader(consent, identity);
    const decisions = await reader.decide(transaction, subjects, ['email_marketing'], 'email', now);
    return decisions.map(({ granted }) => granted);
  });
}

const addresses = dynamicStatement(
  'test.addresses',
  `SELECT profile_id, id FROM identifier
   WHERE namespace = 'email' AND profile_id = ANY($1::uuid[])`,
);
