// One store's run: fill, compute in full, ask the same in plain SQL, then let events arrive.
import type { Progress } from '../progress.ts';
import {
  drawArrivals,
  letTimePass,
  openLine,
  settle,
  takeAtFullSpeed,
  takeAtRate,
} from './arrivals.ts';
import type { Arrival, ArrivalLine } from './arrivals.ts';
import { computeAll, countPlainly } from './compute-all.ts';
import { fillStore, isFilled } from './fill-store.ts';
import { openBenchStore } from './open-store.ts';
import type { BenchStore, StatementTime } from './open-store.ts';
import type { AudienceBenchOptions, StoreKind } from './options.ts';

const passing = 15 * 60_000;

export async function measure(
  kind: StoreKind,
  options: AudienceBenchOptions,
  progress: Progress,
): Promise<object> {
  const memory = watchMemory();
  const bench = await openBenchStore(kind, options.schema);
  try {
    const size = options.size[kind];
    if (!(await isFilled(bench.store, size))) await fillStore(bench.store, size, progress);
    bench.statements.take();
    const full = await measureFull(bench, kind, options, progress);
    const arriving = await measureArrivals(bench, kind, options, progress);
    return { store: kind, ...size, full, arriving, peakMegabytes: memory.peak() };
  } finally {
    memory.stop();
    await bench.dispose();
  }
}

async function measureFull(
  { store, statements }: BenchStore,
  kind: StoreKind,
  options: AudienceBenchOptions,
  progress: Progress,
): Promise<object> {
  const size = options.size[kind];
  const computed = await computeAll(store, size, progress);
  const report = {
    seconds: round(computed.seconds),
    profilesPerSecond: Math.round(size.profiles / computed.seconds),
    longestSliceMs: Math.round(computed.longestSlice),
    ...tell(statements.take(), options),
  };
  if (!options.plain) return report;
  const plain = await countPlainly(store, progress);
  statements.take();
  const differing = [...plain.sizes]
    .filter(([name, count]) => count !== (computed.sizes.get(name) ?? 0))
    .map(([name, count]) => `${name}: ${computed.sizes.get(name) ?? 0}, plainly ${count}`);
  return {
    ...report,
    plainSeconds: round(plain.seconds),
    ratio: round(plain.seconds / computed.seconds),
    differing,
  };
}

async function measureArrivals(
  { store, statements }: BenchStore,
  kind: StoreKind,
  options: AudienceBenchOptions,
  progress: Progress,
): Promise<object> {
  if (options.updates === 0) return {};
  const line = await openLine(store, options.audiences);
  const arrivals = drawArrivals(options.updates, options.size[kind], 'full');
  await settle(line, arrivals, progress);
  statements.take();
  const full = await takeAtFullSpeed(line, arrivals, progress);
  const report = {
    audiences: options.audiences,
    events: full.events,
    updatesPerSecond: Math.round(full.events / full.evaluating),
    evaluatingSeconds: round(full.evaluating),
    resolvedPerSecond: Math.round(full.events / full.resolving),
    ...tell(statements.take(), options),
  };
  const rate = options.rate ?? Math.max(1, Math.floor(full.events / full.resolving / 2));
  const steady = await measureSteady(line, arrivals, rate, options.rateSeconds, progress);
  const passed = await letTimePass(line, passing);
  const due = { profiles: passed.profiles, seconds: round(passed.seconds) };
  return { ...report, steady, quarterOfAnHour: due };
}

/** The same people again, so that all of them are settled. */
async function measureSteady(
  line: ArrivalLine,
  arrivals: readonly Arrival[],
  rate: number,
  seconds: number,
  progress: Progress,
): Promise<object | undefined> {
  if (seconds === 0) return undefined;
  const count = rate * seconds;
  const again = Array.from({ length: count }, (_, at) => arrivals[at % arrivals.length]);
  return takeAtRate(
    line,
    again.filter((arrival) => arrival !== undefined),
    rate,
    progress,
  );
}

/** The longest statement; with `--statements`, all that took a share worth telling. */
function tell(times: readonly StatementTime[], { statements }: AudienceBenchOptions): object {
  const longest = times.reduce<StatementTime | undefined>(
    (found, time) => (found !== undefined && found.longest >= time.longest ? found : time),
    undefined,
  );
  const named = { longestStatement: longest && { name: longest.name, ms: longest.longest } };
  return statements ? { ...named, statements: times.slice(0, 15) } : named;
}

function watchMemory(): { peak(): number; stop(): void } {
  let peak = 0;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  look();
  const timer = setInterval(look, 100);
  return { peak: () => Math.round(peak / 2 ** 20), stop: () => clearInterval(timer) };
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
