// However many erasures wait for a person's hand or for a destination that sleeps, those behind them are
// carried out.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { privacyOver } from '../../../test/property/purge.ts';
import { createLine, type Line } from '../../../test/support/line.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { testKeys } from '../../../test/support/settings.ts';
import { emptyStore, eachStore } from '../../../test/support/stores.ts';
import type { ErasureQuestion, ErasureStanding } from '../delivery/pursue-erasure.ts';
import { createAgain } from '../resolve/again.ts';
import { forgetFolded } from '../resolve/forget-folded.ts';
import { dynamicStatement, isoTime, type Store } from '../store/store.ts';
import type { Privacy } from './privacy.ts';

const now = Date.UTC(2026, 5, 1);
const most = 120;
const email = (name: string) => ({ namespace: 'email', value: `${name}@shop.example` });
const hashOf = (name: string): string => testKeys.identifierHash('email', email(name).value);

const selectStates = dynamicStatement(
  'test.request_states',
  `SELECT state, scanned >= scan_to AS scanned, count(*) AS count FROM privacy_request
   GROUP BY 1, 2 ORDER BY 1`,
);
const selectRequestOf = dynamicStatement(
  'test.request_of',
  `SELECT r.state, r.id FROM privacy_request r JOIN privacy_subject s ON s.request_id = r.id
   WHERE s.identifier_hash = $1::uuid`,
);
const selectLog = dynamicStatement(
  'test.log_of_her',
  `SELECT number FROM event WHERE strpos(encode(payload, 'escape'), $1) > 0`,
);
const insertDisclosure = dynamicStatement(
  'test.insert_disclosure',
  `INSERT INTO disclosure (instance, scope, identifier_hash, fields, first_at, last_at)
   VALUES ('paper', 'event:track', $1::uuid, '{email}', $2::timestamptz, $2::timestamptz)`,
);
const selectDisclosures = dynamicStatement('test.disclosures', 'SELECT scope FROM disclosure');

eachStore('erasures behind many that wait', (open) => {
  let store: Store;
  let line: Line;
  let privacy: Privacy;
  /** By keyed hash of the one that is named; left out: by hand. */
  const standings = new Map<string, ErasureStanding['state'] | 'fails'>();
  const asked = new Set<string>();
  /** Up to when they cover what was shown of whoever came back. */
  const ends = new Set<number>();

  beforeAll(async () => {
    store = await open();
  });
  beforeEach(async () => {
    await emptyStore(store);
    standings.clear();
    asked.clear();
    ends.clear();
    line = await createLine(store, { now });
    privacy = privacyOver(store, line, {
      delivery: { instances: new Map([['paper', paper]]), pursueErasure: stand },
    });
  });
  // Only which instances there are is asked for.
  const paper = {} as never;

  function stand(_id: string, { subjects }: ErasureQuestion): Promise<ErasureStanding> {
    const hash = subjects[0]?.hash ?? '';
    asked.add(hash);
    if (subjects[0]?.upTo !== undefined) ends.add(subjects[0].upTo);
    const state = standings.get(hash) ?? 'by_hand';
    return state === 'fails' ? Promise.reject(new Error('it fails')) : Promise.resolve({ state });
  }

  /** Asked for one after the other. */
  async function erase(names: readonly string[]): Promise<void> {
    for (let start = 0; start < names.length; start += 40) {
      line.time.now += 1_000;
      await line.accept(
        'web',
        names.slice(start, start + 40).map((name) => ({
          type: 'delete',
          messageId: `delete-${name}`,
          identifiers: [email(name)],
        })),
      );
    }
    await line.resolve();
  }

  async function steps(count: number): Promise<void> {
    for (let step = 0; step < count; step += 1) await privacy.step().catch(() => undefined);
  }

  const strangers = Array.from({ length: most }, (_, place) => `stranger-${place}`);

  it('are taken out of the log, and destinations are asked', { timeout: 60_000 }, async () => {
    await erase(strangers);
    await steps(4);
    expect(await store.query('background', selectStates)).toEqual([
      { state: 'working', scanned: true, count: most },
    ]);

    await line.accept('web', [
      { type: 'identify', messageId: 'ada', identifiers: [email('ada')], traits: { a: 1 } },
    ]);
    standings.set(hashOf('ada'), 'done');
    await erase(['ada']);
    await steps(4);
    expect(asked.has(hashOf('ada'))).toBe(true);
    expect(await store.query('background', selectLog, ['ada@shop.example'])).toEqual([]);
    expect(await store.query('background', selectRequestOf, [hashOf('ada')])).toMatchObject([
      { state: 'done' },
    ]);

    // Of those that wait each is looked at again, the last as well as the first.
    const [last] = await store.query<{ id: string }>('background', selectRequestOf, [
      hashOf(strangers.at(-1) ?? ''),
    ]);
    expect(await privacy.confirm(last?.id ?? '', 'paper', 'officer')).toBe(true);
    standings.set(hashOf(strangers[0] ?? ''), 'done');
    await steps(2);
    expect(await store.query('background', selectStates)).toEqual([
      { state: 'done', scanned: true, count: 3 },
      { state: 'working', scanned: true, count: most - 2 },
    ]);
  });

  it('are not held up by one that fails', { timeout: 60_000 }, async () => {
    standings.set(hashOf('bob'), 'fails');
    standings.set(hashOf('ada'), 'done');
    await erase(['bob', ...strangers.slice(0, 30), 'ada']);
    await steps(3);
    expect(await store.query('background', selectRequestOf, [hashOf('ada')])).toMatchObject([
      { state: 'done' },
    ]);
  });

  it('keep what was shown of whoever came back, also while people are made anew', async () => {
    await erase(['ada']);
    await steps(2);
    line.time.now += 1_000;
    await line.accept('web', [
      { type: 'identify', messageId: 'back', identifiers: [email('ada')], traits: { a: 1 } },
    ]);
    await line.resolve();
    await store.query('background', insertDisclosure, [hashOf('ada'), isoTime(line.time.now)]);

    const again = createAgain({ clock: createManualClock(now) });
    await forgetFolded(store, line.room.settings.identity, again);
    standings.set(hashOf('ada'), 'done');
    await steps(2);
    expect(await store.query('background', selectStates)).toMatchObject([{ state: 'done' }]);
    expect(ends).toEqual(new Set([now + 1_000]));
    expect(await store.query('background', selectDisclosures)).toHaveLength(1);
  });
});
