// How long a batch takes to evaluate: 200 audiences and 500 touched profiles of 20 events each.
// Prints JSON: processor milliseconds of this thread for the rules alone, and of the batch as a whole
// on the embedded store in memory.
import { compileAudiences } from '../../core/src/audience/audience-set.ts';
import { createAudienceEngine } from '../../core/src/audience/engine.ts';
import { loadPeople } from '../../core/src/audience/load-people.ts';
import type { AudienceSettings, Rule } from '../../core/src/audience/rule.ts';
import type { Aggregate, Window } from '../../core/src/profile/measure.ts';
import { openEmbeddedStore } from '../../core/src/store/embedded.ts';
import { dynamicStatement, isoTime } from '../../core/src/store/store.ts';
import { audienceConfig, takeChange } from '../support/audience-worlds.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 0, 31);
const [profiles, touched, audienceCount] = [5_000, 500, 200];
const windows: readonly Window[] = [1, 7, 30, 90].map((days) => ({
  kind: 'sliding',
  fromMs: days * day,
  toMs: 0,
}));

function happened(event: number, window: Window | undefined, atLeast: number): Rule {
  const aggregate: Aggregate =
    event % 4 === 0 ? { kind: 'sum', path: ['price'] } : { kind: 'count' };
  return {
    kind: 'measure',
    measure: {
      events: [{ type: 'track', name: `Event ${event % 30}`, where: [] }],
      window: window ?? { kind: 'ever' },
      aggregate,
    },
    comparison: { kind: 'number', atLeast },
  };
}

const audiences: AudienceSettings[] = Array.from({ length: audienceCount }, (_, place) => ({
  name: `a${place}`,
  title: '',
  rule: {
    kind: 'all',
    rules: [
      { kind: 'trait', path: ['country'], comparison: { kind: 'in', values: ['DE', 'AT'] } },
      happened(place, windows[place % 5], 1 + (place % 3)),
      { kind: 'not', rule: happened(place * 7, windows[(place + 1) % 5], 1) },
    ],
  },
}));

const statements: number[] = [];
const store = await openEmbeddedStore({
  folder: 'memory:',
  onStatement: (_, __, milliseconds) => statements.push(milliseconds),
});
const run = (text: string, parameters: unknown[]) =>
  store.query('background', dynamicStatement('bench', text), parameters);
const ids = Array.from(
  { length: profiles },
  (_, place) => `${String(place).padStart(8, '0')}-0000-4000-8000-000000000000`,
);
await run(
  `INSERT INTO identifier (id, hash, latent_id, namespace, kind, value, first_at, last_at, component, profile_id)
   OVERRIDING SYSTEM VALUE
   SELECT n, id, id, 'email', 'person', n::text, now(), now(), n, id
   FROM unnest($1::uuid[]) WITH ORDINALITY u(id, n)`,
  [ids],
);
await run(
  `INSERT INTO profile (id, traits, computed, changed)
   SELECT id, jsonb_build_object('country', (array['DE', 'AT', 'US'])[1 + n % 3]), '{}', 0
   FROM unnest($1::uuid[]) WITH ORDINALITY u(id, n)`,
  [ids],
);
await run(
  `INSERT INTO fact
   SELECT s, 'track', 'Event ' || ((s + e) % 30), $1::timestamptz - e * (s % 17 + 1) * interval '3 hours',
     s * 100 + e, gen_random_uuid(), 'bench', jsonb_build_object('price', e * 1.1)
   FROM generate_series(1, $2::int) s, generate_series(1, 20) e`,
  [isoTime(now), profiles],
);
await run('ANALYZE', []);

const engine = createAudienceEngine({
  config: audienceConfig(audiences),
  takeChange,
  clock: () => performance.now(),
});
await engine.install(store);
const set = compileAudiences(audiences, []);
const rules: number[] = [];
const batches: number[] = [];
for (let round = 0; round < profiles / touched; round += 1) {
  const some = ids.slice(round * touched, (round + 1) * touched);
  await store.transaction('resolve', async (transaction) => {
    const people = await loadPeople(transaction, set, some, now);
    const before = process.threadCpuUsage();
    for (const { person } of people) set.evaluate(person, now);
    const used = process.threadCpuUsage(before);
    rules.push((used.user + used.system) / 1_000);
  });
  statements.length = 0;
  const started = performance.now();
  await store.transaction('resolve', async (transaction) =>
    engine.evaluate(transaction, {
      touched: new Set(some),
      vanished: new Set(),
      origins: new Map(),
      now,
      cause: 'live',
      change: await takeChange(transaction),
    }),
  );
  batches.push(performance.now() - started);
}
await store.close();

const median = (values: number[]): number =>
  Math.round(values.sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0);
console.log(
  JSON.stringify({
    profiles: touched,
    audiences: audienceCount,
    rulesCpuMs: median(rules),
    batchMs: median(batches),
    statements: statements.length,
  }),
);
