// A day of the demo shop in ten minutes: the hub under a clock that runs faster, vendors and a plugin that
// fail at random, the hub killed now and then, and readings of memory and books on the way. In the end
// the vendors are well, and nothing may be left lying.
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSendgridFake, type SendgridFake } from '../fakes/sendgrid/fake.ts';
import type { FaultEffect } from '../fakes/sendgrid/faults.ts';
import { createHubClient, isBalanced, type HubClient } from '../support/hub-client.ts';
import { createRandom, type Random } from '../support/random.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { createFastClock } from './fast-clock.ts';
import { oddMoods, startOddVendor, type OddMood, type OddVendor } from './odd-vendor.ts';
import { sinkSecret, startSink, type Sink, type SinkMood } from './sink.ts';
import { longestLife, slopePerHour, type Sample } from './slope.ts';
import { soakInstances, writeSoakConfig } from './soak-config.ts';
import { createSoakProcess, type SoakProcess } from './soak-process.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly times: number;
  readonly seed: number;
  readonly visitsPerMinute: number;
  readonly kills: number;
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
  readonly kills: number;
  /** How often a guard against mass changes asked, and was told to go on. */
  readonly approvals: number;
  /** How often the badly written plugin did what. */
  readonly odd: Readonly<Record<OddMood, number>>;
  /** MiB, in the longest life, once it has warmed up. */
  readonly heapStart: number;
  readonly heapEnd: number;
  /** MiB per hour of the hub's clock. */
  readonly heapSlope: number;
  readonly rssEnd: number;
  readonly stuck: number;
  readonly books: readonly object[];
  readonly complaints: readonly string[];
}

interface Watched {
  readonly random: Random;
  readonly hub: SoakProcess;
  readonly client: HubClient;
  readonly mail: SendgridFake;
  readonly sink: Sink;
  readonly odd: OddVendor;
  readonly began: number;
  now(): number;
}

export async function soak(options: SoakOptions): Promise<SoakFigures> {
  const { seed, times } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tributary-soak-'));
  // Plugins are looked for from the config's folder on, as in an installation.
  await symlink(join(workspaceRoot, 'node_modules'), join(folder, 'node_modules'));
  const mail = await startSendgridFake({ apiKey: 'SG.soak', journalLimit: 1_000 });
  for (const list of ['Newsletter', 'Lapsed VIPs', 'Cart abandoned']) mail.addList(list);
  mail.addField('lifetime_value', 'Number');
  const sink = await startSink({ most: 1_000, verifies: false });
  const odd = await startOddVendor();
  const began = Date.now();
  const hub = createSoakProcess({
    configFile: await writeSoakConfig(folder, odd.url),
    environment: {
      SHOP_SEED: String(seed),
      SHOP_VISITS_PER_MINUTE: String(options.visitsPerMinute),
      SENDGRID_API_KEY: 'SG.soak',
      SENDGRID_URL: mail.url,
      CRM_URL: sink.url,
      CRM_SECRET: sinkSecret,
    },
    began,
    times,
  });
  const client = createHubClient({
    url: () => hub.url,
    adminKey: () => hub.adminKey,
    writeKey: '',
    // A machine that has much else to do cannot keep up with such a clock.
    boundMs: 300_000,
  });
  const { now } = createFastClock(began, times);
  try {
    await hub.start();
    const random = createRandom(seed);
    return await watch(options, { random, hub, client, mail, sink, odd, began, now });
  } finally {
    await hub.kill();
    await Promise.all([mail.close(), sink.close(), odd.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

async function watch(options: SoakOptions, watched: Watched): Promise<SoakFigures> {
  const { hub, now, began, sink, mail, odd } = watched;
  const complaints = new Set<string>();
  const samples: Sample[] = [];
  const wholeMs = options.minutes * 60_000;
  const everyMs = Math.min(10_000, wholeMs / 20);
  const rounds = Math.round(wholeMs / everyMs);
  const killsAt = drawKills(watched.random, options.kills, rounds);
  let faults = 0;
  let approvals = 0;
  let life = 0;
  for (let round = 1; round <= rounds; round += 1) {
    faults += makeTrouble(watched, everyMs);
    await sleep(everyMs);
    if (killsAt.has(round)) {
      life += 1;
      await hub.kill();
      await hub.start();
    }
    const sample = { ...(await takeSample(watched)), life };
    samples.push(sample);
    approvals += await approveGuards(watched);
    for (const complaint of await unbalanced(watched)) complaints.add(complaint);
    options.onSample?.(sample, round / rounds);
  }
  const stuck = await settle(watched);
  if (stuck > 0) complaints.add(`${stuck} deliveries are stuck`);
  for (const complaint of await unbalanced(watched)) complaints.add(complaint);
  const settled = longestLife(samples);
  const { events, people } = await hub.ask('counts');
  const books = await readBooks(watched);
  await hub.ask('stop');
  return {
    seed: options.seed,
    hours: round((now() - began) / 3_600_000),
    events: Number(events),
    people: Number(people),
    calls: sink.count() + (mail.journal.at(-1)?.number ?? 0),
    faults,
    kills: life,
    approvals,
    odd: odd.seen,
    heapStart: round(settled[0]?.heap ?? 0),
    heapEnd: round(settled.at(-1)?.heap ?? 0),
    heapSlope: round(slopePerHour(settled)),
    rssEnd: round(settled.at(-1)?.rss ?? 0),
    stuck,
    books,
    complaints: [...complaints],
  };
}

/** Rounds: all but one in the first third, so that memory is watched in a long life; the last near the end. */
function drawKills(random: Random, kills: number, rounds: number): ReadonlySet<number> {
  const drawn = new Set<number>();
  if (kills > 0) drawn.add(Math.ceil(rounds * 0.9));
  while (drawn.size < Math.min(kills, rounds / 3))
    drawn.add(1 + random.below(Math.ceil(rounds / 3)));
  return drawn;
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
function makeTrouble({ random, mail, sink, odd }: Watched, everyMs: number): number {
  mail.clearFaults();
  sink.setMood(moods[random.below(moods.length)] ?? 'well');
  odd.setMood(oddMoods[random.below(oddMoods.length)] ?? 'well');
  const effect = effects[random.below(effects.length)] ?? { kind: 'reset' };
  const isDown = random.below(4) === 0;
  mail.script(isDown ? { ...effect, forMilliseconds: everyMs / 2 } : { ...effect, times: 2 });
  return 3;
}

async function takeSample({ hub, now, began }: Watched): Promise<Omit<Sample, 'life'>> {
  const { heap, rss } = await hub.ask('memory');
  return { hours: (now() - began) / 3_600_000, heap: Number(heap), rss: Number(rss) };
}

/**
 * An audience of people who left a cart empties itself while a vendor is down for hours: the guard asks,
 * and the operator has looked.
 */
async function approveGuards({ client }: Watched): Promise<number> {
  const readings = await Promise.all(soakInstances.map((instance) => client.destination(instance)));
  const guarded = soakInstances.filter((_, place) => readings[place]?.state === 'guarded');
  for (const instance of guarded) {
    await client.call('POST', `/destinations/${instance}/approve`, { minutes: 60 });
  }
  return guarded.length;
}

async function readBooks({ client }: Watched): Promise<object[]> {
  const readings = await Promise.all(soakInstances.map((instance) => client.destination(instance)));
  return readings.flatMap(({ books }, place) =>
    books.map((book) => ({ instance: soakInstances[place], ...book })),
  );
}

async function unbalanced({ client }: Watched): Promise<string[]> {
  const readings = await Promise.all(soakInstances.map((instance) => client.destination(instance)));
  return readings.flatMap(({ books, state, code }, place) => [
    ...(state !== 'paused' ? [] : [`${soakInstances[place]} is ${state} (${code ?? ''})`]),
    ...books
      .filter((book) => !isBalanced(book))
      .map((book) => `${soakInstances[place]}: a book does not balance: ${JSON.stringify(book)}`),
  ]);
}

/** A minute on a machine of one's own: a day of what waits for a vendor has to leave. */
const mostLooks = 240;

/** Everybody is well and gets the time to take up what the last trouble left. @returns what is stuck. */
async function settle(watched: Watched): Promise<number> {
  const { hub, mail, sink, odd } = watched;
  mail.clearFaults();
  sink.setMood('well');
  odd.setMood('well');
  let stuck = 0;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    stuck = Number((await hub.ask('stuck'))['stuck']);
    if (stuck === 0) return 0;
    await approveGuards(watched);
    await sleep(500);
  }
  return stuck;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
