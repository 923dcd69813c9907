// A day of the demo shop in ten minutes: the hub in this process under a clock that runs faster, vendors
// that fail at random, and readings of memory and books on the way. In the end the vendors are well, and
// nothing may be left lying.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig, type LoadedConfig } from '../../core/src/config/load-config.ts';
import { createConfigWorld } from '../../core/src/config/world.ts';
import { startHub, type Hub } from '../../core/src/hub.ts';
import { createLogger } from '../../core/src/observe/logger.ts';
import { dynamicStatement } from '../../core/src/store/store.ts';
import { startSendgridFake, type SendgridFake } from '../fakes/sendgrid/fake.ts';
import type { FaultEffect } from '../fakes/sendgrid/faults.ts';
import { createHubClient, isBalanced, type HubClient } from '../support/hub-client.ts';
import { createRandom, type Random } from '../support/random.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { createFastClock } from './fast-clock.ts';
import { sinkSecret, startSink, type Sink, type SinkMood } from './sink.ts';
import { slopePerHour, type Sample } from './slope.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly times: number;
  readonly seed: number;
  readonly visitsPerMinute: number;
  onSample?(sample: Sample, share: number): void;
}

export interface SoakFigures {
  readonly seed: number;
  /** Of the hub's clock. */
  readonly hours: number;
  readonly events: number;
  readonly people: number;
  readonly calls: number;
  readonly faults: number;
  /** MiB, after the first third. */
  readonly heapStart: number;
  readonly heapEnd: number;
  /** MiB per hour of the hub's clock. */
  readonly heapSlope: number;
  readonly rssEnd: number;
  readonly stuck: number;
  readonly books: readonly object[];
  readonly complaints: readonly string[];
}

const instances = ['mail', 'crm'];
/** Something that was due longer ago than this, of the hub's clock, is stuck. */
const stuckAfterMs = 3_600_000;

export async function soak(options: SoakOptions): Promise<SoakFigures> {
  const random = createRandom(options.seed);
  const folder = await mkdtemp(join(tmpdir(), 'tributary-soak-'));
  const clock = createFastClock(Date.now(), options.times);
  const mail = await startSendgridFake({ apiKey: 'SG.soak', journalLimit: 1_000 });
  const sink = await startSink({ most: 1_000, verifies: false });
  const hub = await startHub(await configOf(options, folder, mail, sink), {
    clock,
    port: 0,
    log: createLogger({ level: 'silent' }),
  });
  const client = createHubClient({
    url: () => hub.url,
    adminKey: () => hub.firstKey ?? '',
    writeKey: '',
  });
  try {
    return await watch(options, {
      random,
      hub,
      client,
      mail,
      sink,
      began: clock.now(),
      now: clock.now,
    });
  } finally {
    await hub.stop();
    await Promise.all([mail.close(), sink.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** The demo's own config, with its places moved and time-outs that fit a clock that runs. */
async function configOf(
  { visitsPerMinute, seed }: SoakOptions,
  folder: string,
  mail: SendgridFake,
  sink: Sink,
): Promise<LoadedConfig> {
  const loaded = await loadConfig(
    join(workspaceRoot, 'config/demo.yaml'),
    createConfigWorld({
      SHOP_SEED: String(seed),
      SHOP_VISITS_PER_MINUTE: String(visitsPerMinute),
      SENDGRID_API_KEY: 'SG.soak',
      SENDGRID_URL: mail.url,
      CRM_URL: sink.url,
      CRM_SECRET: sinkSecret,
    }),
  );
  const destinations = [...loaded.config.destinations].map(
    ([id, settings]) =>
      [id, { ...settings, limits: { ...settings.limits, timeoutMs: 600_000 } }] as const,
  );
  return {
    ...loaded,
    config: {
      ...loaded.config,
      store: { kind: 'embedded', folder: join(folder, 'data') },
      destinations: new Map(destinations),
    },
  };
}

interface Watched {
  readonly random: Random;
  readonly hub: Hub;
  readonly client: HubClient;
  readonly mail: SendgridFake;
  readonly sink: Sink;
  readonly began: number;
  now(): number;
}

async function watch(options: SoakOptions, watched: Watched): Promise<SoakFigures> {
  const { hub, now, began, mail, sink } = watched;
  const complaints = new Set<string>();
  const samples: Sample[] = [];
  const endsAt = performance.now() + options.minutes * 60_000;
  const everyMs = Math.min(10_000, (options.minutes * 60_000) / 20);
  let faults = 0;
  while (performance.now() < endsAt) {
    faults += makeTrouble(watched, everyMs);
    await sleep(everyMs);
    const sample = takeSample((now() - began) / 3_600_000);
    samples.push(sample);
    for (const complaint of await unbalanced(watched)) complaints.add(complaint);
    options.onSample?.(sample, 1 - (endsAt - performance.now()) / (options.minutes * 60_000));
  }
  mail.clearFaults();
  sink.setMood('well');
  const stuck = await countStuck(watched);
  if (stuck > 0) complaints.add(`${stuck} deliveries are stuck`);
  const settled = samples.slice(Math.floor(samples.length / 3));
  const [counts] = await hub.store.query<{ events: number; people: number }>(
    'background',
    dynamicStatement(
      'soak.counts',
      `SELECT (SELECT last FROM log_head) AS events, (SELECT count(*) FROM profile) AS people`,
    ),
  );
  return {
    seed: options.seed,
    hours: round((now() - began) / 3_600_000),
    events: counts?.events ?? 0,
    people: counts?.people ?? 0,
    calls: sink.count() + (mail.journal.at(-1)?.number ?? 0),
    faults,
    heapStart: round(settled[0]?.heap ?? 0),
    heapEnd: round(settled.at(-1)?.heap ?? 0),
    heapSlope: round(slopePerHour(settled)),
    rssEnd: round(settled.at(-1)?.rss ?? 0),
    stuck,
    books: await readBooks(watched),
    complaints: [...complaints, ...(await unbalanced(watched))],
  };
}

const effects: readonly FaultEffect[] = [
  { kind: 'rate-limited' },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 500 },
  { kind: 'slow', milliseconds: 200 },
  { kind: 'cut-answer' },
  { kind: 'lost-answer' },
  { kind: 'reset' },
];
const moods: readonly SinkMood[] = ['well', 'well', 'down', 'slow', 'nonsense', 'cut', 'busy'];

/** @returns how many. */
function makeTrouble({ random, mail, sink }: Watched, everyMs: number): number {
  mail.clearFaults();
  sink.setMood(moods[random.below(moods.length)] ?? 'well');
  const effect = effects[random.below(effects.length)] ?? { kind: 'reset' };
  const isDown = random.below(4) === 0;
  mail.script(isDown ? { ...effect, forMilliseconds: everyMs / 2 } : { ...effect, times: 2 });
  return 2;
}

function takeSample(hours: number): Sample {
  // Without it the heap tells of the collector's mood.
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { hours, heap: heapUsed / 1_048_576, rss: rss / 1_048_576 };
}

async function readBooks({ client }: Watched): Promise<object[]> {
  const readings = await Promise.all(instances.map((instance) => client.destination(instance)));
  return readings.flatMap(({ books }, place) =>
    books.map((book) => ({ instance: instances[place], ...book })),
  );
}

async function unbalanced({ client }: Watched): Promise<string[]> {
  const readings = await Promise.all(instances.map((instance) => client.destination(instance)));
  return readings.flatMap(({ books, state }, place) => [
    ...(state === 'running' ? [] : [`${instances[place]} is ${state}`]),
    ...books
      .filter((book) => !isBalanced(book))
      .map((book) => `${instances[place]}: a book does not balance: ${JSON.stringify(book)}`),
  ]);
}

const selectStuck = dynamicStatement(
  'soak.stuck',
  `SELECT (SELECT count(*) FROM ledger WHERE status IN ('due', 'sending', 'polling') AND due_at < $1::timestamptz)
     + (SELECT count(*) FROM forward WHERE status IN ('due', 'sending', 'polling') AND due_at < $1::timestamptz)
     + (SELECT count(*) FROM action WHERE status IN ('due', 'sending', 'polling') AND due_at < $1::timestamptz)
     AS stuck`,
);

/** Everybody gets the time to take up what the last trouble left. */
async function countStuck({ hub, now }: Watched): Promise<number> {
  let stuck = 0;
  for (let looks = 0; looks < 60; looks += 1) {
    const before = new Date(now() - stuckAfterMs).toISOString();
    const [row] = await hub.store.query<{ stuck: number }>('background', selectStuck, [before]);
    stuck = row?.stuck ?? 0;
    if (stuck === 0) return 0;
    await sleep(500);
  }
  return stuck;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
