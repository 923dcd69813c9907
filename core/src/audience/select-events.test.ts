// A profile may have any number of subjects, and each of them any number of events: what is read of it before the
// database measures it instead is bounded for all of them together.
import { beforeAll, expect, it } from 'vitest';
import { eachStore } from '../../../test/support/stores.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { selectEvents } from './plans.ts';

const profile = '00000000-0000-0000-0000-000000000001';
const other = '00000000-0000-0000-0000-000000000002';

eachStore('events of a profile', (open) => {
  let store: Store;

  beforeAll(async () => {
    store = await open();
    // Subjects 1 to 20 are one person with ten events each, subject 21 is another one with three.
    for (const text of [
      `INSERT INTO identifier (id, hash, latent_id, namespace, kind, value, first_at, last_at,
         component, profile_id)
       OVERRIDING SYSTEM VALUE
       SELECT n, gen_random_uuid(), gen_random_uuid(), 'user_id', 'person', 'v' || n, now(), now(), 1,
         CASE WHEN n <= 20 THEN '${profile}' ELSE '${other}' END::uuid
       FROM generate_series(1, 21) AS n`,
      `INSERT INTO fact SELECT s, 'track', 'Ordered', now() - n * interval '1 min', s * 100 + n,
         gen_random_uuid(), 'web', '{}'
       FROM generate_series(1, 21) AS s, generate_series(1, CASE s WHEN 21 THEN 3 ELSE 10 END) AS n`,
    ])
      await store.query('background', dynamicStatement('test.fill', text));
  });

  const since = '-infinity';
  const none = { recentNames: [], recentTypes: [], since, wholeSince: since };
  const nothing = { ...none, everNames: [], everTypes: [], wholeTypes: [], wholeNames: [] };
  const rich = { richTypes: [], richNames: [], richSince: [] };
  const ways: [string, object][] = [
    ['by name', { ...nothing, ...rich, everNames: ['Ordered'] }],
    ['by type, with properties', { ...nothing, ...rich, wholeTypes: ['track'] }],
    [
      'one name after the other',
      { ...nothing, richTypes: ['track'], richNames: ['Ordered'], richSince: [since] },
    ],
    ['in two ways', { ...nothing, ...rich, everNames: ['Ordered'], wholeTypes: ['track'] }],
  ];

  it.each(ways)('are no more than asked for, %s', async (_title, choice) => {
    const read = (most: number) =>
      store.query<{ id: string; events: unknown[] }>('background', selectEvents, [
        [profile, other],
        [0, 0],
        JSON.stringify([{ place: 0, ...choice }]),
        most,
      ]);
    const counts = (rows: readonly { id: string; events: unknown[] }[]) =>
      rows
        .map(({ id, events }) => [id, events.length] as const)
        .sort(([one], [other]) => (one < other ? -1 : 1));
    const times = choice === ways[3]?.[1] ? 2 : 1;
    expect(counts(await read(1_000))).toEqual([
      [profile, 200 * times],
      [other, 3 * times],
    ]);
    expect(counts(await read(12))).toEqual([
      [profile, 12],
      [other, 3 * times],
    ]);
  });
});
