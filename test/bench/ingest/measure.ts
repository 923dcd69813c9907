// One measurement: a store with so many people in it, a hub over it, traffic through it, and what the
// plain table takes just before and just after on the same machine.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureBaseline } from './baseline.ts';
import { configText, provenAudience } from './config.ts';
import type { HubState, LoadPlan } from './messages.ts';
import type { IngestOptions, StoreKind } from './options.ts';
import { takePlace, type Place } from './place.ts';
import { seedPeople } from './seed.ts';
import { startMeasuredHub, untilState, type MeasuredHub } from './start-hub.ts';
import { runLoad } from './start-load.ts';
import { mean, rounded, summarise, type RunFigures } from './summary.ts';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));
const newcomersOfARun = 100_000_000;

export interface Measurement {
  readonly store: StoreKind;
  readonly profiles: number;
  /** To the same events in batches of 500 into one table: the mean of before and after. */
  readonly ratio: number;
  readonly baselineEventsPerSecond: readonly number[];
  readonly fullSpeed: RunFigures;
  /** At a fixed rate, half of full speed where none is given. */
  readonly atRate?: RunFigures & { readonly offeredPerSecond: number };
  readonly peakMemoryMb: number;
  readonly cpuMicrosecondsPerEvent: number;
  /** Of the audience whose members are known beforehand. */
  readonly proof: { readonly members: number; readonly expected: number };
  readonly statements?: HubState['statements'];
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
      tell(`${kind}: ${profiles} people are put into the store`);
      await seedPeople(place, configFile, profiles);
    }
    return await measurePlace(kind, profiles, configFile, options, tell);
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

async function measurePlace(
  kind: StoreKind,
  profiles: number,
  configFile: string,
  options: IngestOptions,
  tell: (line: string) => void,
): Promise<Measurement> {
  const baselines: number[] = [];
  const baseline = async (): Promise<void> => {
    const rate = await measureBaseline(kind, Math.min(options.events, 10_000));
    tell(`${kind}: the plain table takes ${Math.round(rate)} events/s`);
    baselines.push(Math.round(rate));
  };
  const hub = await startMeasuredHub(configFile, options);
  try {
    if (!options.computing) {
      await untilState(
        hub,
        ({ computed }) => computed,
        () => undefined,
      );
    }
    const runs = createRuns(hub, profiles, options, (line) => tell(`${kind}: ${line}`));
    await runs.run(Math.min(2_000, options.events), undefined, 'warms up');
    await baseline();
    const before = await hub.state();
    const fullSpeed = await runs.run(options.events, undefined, 'full speed');
    const after = await hub.state();
    await baseline();
    const offered = options.rate ?? Math.max(1, Math.floor(fullSpeed.eventsPerSecond / 2));
    const atRate =
      options.rateSeconds === 0
        ? undefined
        : await runs.run(offered * options.rateSeconds, offered, `${offered} events/s offered`);
    const last = await hub.state();
    return {
      store: kind,
      profiles,
      ratio: rounded(fullSpeed.eventsPerSecond / mean(baselines)),
      baselineEventsPerSecond: baselines,
      fullSpeed,
      ...(atRate && { atRate: { offeredPerSecond: offered, ...atRate } }),
      peakMemoryMb: last.peakMemoryMb,
      cpuMicrosecondsPerEvent: Math.round(
        ((after.cpuSeconds - before.cpuSeconds) * 1e6) / fullSpeed.events,
      ),
      proof: { members: last.members[provenAudience] ?? 0, expected: runs.buyers.size },
      ...(options.statements && { statements: last.statements }),
    };
  } finally {
    await hub.stop();
  }
}

interface Runs {
  readonly buyers: ReadonlySet<number>;
  run(events: number, rate: number | undefined, what: string): Promise<RunFigures>;
}

/** One after the other, none with anything in common with another but the people who were there. */
function createRuns(
  hub: MeasuredHub,
  profiles: number,
  { batch, concurrency, gzip }: IngestOptions,
  tell: (line: string) => void,
): Runs {
  const buyers = new Set<number>();
  let count = 0;
  return {
    buyers,
    async run(events, rate, what) {
      count += 1;
      const { last } = await hub.state();
      const plan: LoadPlan = {
        url: hub.url,
        seed: count,
        events,
        batch,
        concurrency,
        gzip,
        rate,
        known: profiles,
        firstNew: profiles + count * newcomersOfARun,
      };
      const load = await runLoad(plan);
      await untilState(
        hub,
        (state) => state.resolved === state.last,
        (state) => tell(`${state.last - state.resolved} events are still to be resolved`),
      );
      for (const person of load.buyers) buyers.add(person);
      const figures = summarise(load, await hub.requests(last), hub.resolved);
      tell(`${what}: ${figures.eventsPerSecond} events/s`);
      return figures;
    },
  };
}
