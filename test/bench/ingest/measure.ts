// One measurement: a store with so many people in it, a hub over it, traffic through it, and what the
// plain table takes before, between and after on the same machine.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureBaseline } from './baseline.ts';
import { configText, provenAudience } from './config.ts';
import type { HubState } from './messages.ts';
import type { IngestOptions, StoreKind } from './options.ts';
import { takePlace, type Place } from './place.ts';
import { createRuns, type Runs } from './runs.ts';
import { seedPeople } from './seed.ts';
import { startMeasuredHub, untilState, type MeasuredHub } from './start-hub.ts';
import { mean, rounded, summarise, type Round, type RunFigures } from './summary.ts';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));

export interface Measurement {
  readonly store: StoreKind;
  readonly profiles: number;
  readonly fullSpeed?: FullSpeed;
  /** At a fixed rate, half of full speed where none is given. */
  readonly atRate?: AtRate;
  readonly peakMemoryMb: number;
  /** Of the audience whose members are known beforehand. */
  readonly proof: { readonly members: number; readonly expected: number };
  readonly statements?: HubState['statements'];
}

interface FullSpeed extends RunFigures {
  /** To the same events in batches of 500 into one table: the mean of before, between and after. */
  readonly ratio: number;
  readonly baselineEventsPerSecond: readonly number[];
  /** Of the hub's process, its threads included. */
  readonly cpuMicrosecondsPerEvent: number;
}

interface AtRate extends RunFigures {
  readonly offeredPerSecond: number;
  /** Audiences over all profiles were being computed from the first event to the last. */
  readonly whileComputing: boolean;
}

/** What one measurement works with. */
interface Bench {
  readonly kind: StoreKind;
  readonly hub: MeasuredHub;
  readonly runs: Runs;
  readonly options: IngestOptions;
  tell(line: string): void;
}

export async function measure(
  kind: StoreKind,
  profiles: number,
  options: IngestOptions,
  tell: (line: string) => void,
): Promise<Measurement> {
  const { place, dispose } = await takePlace(kind);
  const folder = await mkdtemp(join(tmpdir(), 'tributary-ingest-'));
  try {
    const configFile = await writeConfig(folder, place);
    if (profiles > 0) {
      tell(`${profiles} people are put into the ${kind} store`);
      await seedPeople(place, configFile, profiles);
    }
    const hub = await startMeasuredHub(configFile, options);
    try {
      const runs = createRuns(hub, profiles, options, tell);
      const figures = await measureHub({ kind, hub, runs, options, tell });
      return { store: kind, profiles, ...figures };
    } finally {
      await hub.stop();
    }
  } finally {
    await dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeConfig(folder: string, place: Place): Promise<string> {
  await mkdir(join(folder, 'config'));
  await symlink(join(workspace, 'node_modules'), join(folder, 'node_modules'));
  const file = join(folder, 'config/hub.yaml');
  await writeFile(file, configText(place));
  return file;
}

async function measureHub(bench: Bench): Promise<Omit<Measurement, 'store' | 'profiles'>> {
  const { hub, runs, options } = bench;
  const fullSpeed = options.computing ? undefined : await measureFullSpeed(bench);
  const offered = options.rate ?? Math.floor((fullSpeed?.eventsPerSecond ?? 2_000) / 2);
  const atRate = options.rateSeconds > 0 ? await measureRate(bench, offered) : undefined;
  const { peakMemoryMb, statements } = await hub.state();
  const members = await hub.members();
  return {
    ...(fullSpeed && { fullSpeed }),
    ...(atRate && { atRate }),
    peakMemoryMb,
    proof: { members: members[provenAudience] ?? 0, expected: runs.buyers.size },
    ...(options.statements && { statements }),
  };
}

async function measureFullSpeed(bench: Bench): Promise<FullSpeed> {
  const { kind, hub, runs, options, tell } = bench;
  await untilState(
    hub,
    ({ computed }) => computed,
    () => undefined,
  );
  await runs.run(Math.min(3_000, options.events));
  const events = Math.ceil(options.events / options.rounds);
  const rounds: Round[] = [];
  const baselines: number[] = [];
  let cpuSeconds = 0;
  const baseline = async (): Promise<void> => {
    const rate = Math.round(await measureBaseline(kind, Math.min(options.events, 10_000)));
    tell(`the plain table takes ${rate} events/s`);
    baselines.push(rate);
  };
  for (let round = 0; round < options.rounds; round += 1) {
    await baseline();
    const before = await hub.state();
    const seen = await runs.run(events);
    cpuSeconds += (await hub.state()).cpuSeconds - before.cpuSeconds;
    rounds.push(seen);
    tell(`the hub takes ${summarise([seen], hub.resolved).eventsPerSecond} events/s`);
  }
  await baseline();
  const figures = summarise(rounds, hub.resolved);
  return {
    ...figures,
    ratio: rounded(figures.eventsPerSecond / mean(baselines)),
    baselineEventsPerSecond: baselines,
    cpuMicrosecondsPerEvent: Math.round((cpuSeconds * 1e6) / figures.events),
  };
}

async function measureRate(
  { hub, runs, options, tell }: Bench,
  offeredPerSecond: number,
): Promise<AtRate> {
  tell(`${offeredPerSecond} events/s are offered for ${options.rateSeconds} s`);
  let stillComputing = true;
  const watch = setInterval(() => {
    void hub.state().then(({ computed }) => (stillComputing &&= !computed));
  }, 1_000);
  const seen = await runs.run(offeredPerSecond * options.rateSeconds, offeredPerSecond);
  clearInterval(watch);
  const figures = summarise([seen], hub.resolved);
  const { p99 } = figures.acknowledgedMs;
  tell(`99 of 100 requests are acknowledged within ${p99} ms`);
  const whileComputing = options.computing && stillComputing;
  return { offeredPerSecond, whileComputing, ...figures };
}
