// The gauges, counters and histograms of the table, as the rooms of the hub use them.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { metricTable, type MetricRow } from './metric-table.ts';

/** Bounds of what is timed. */
const seconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

type Table = typeof metricTable;
export type MetricName = keyof Table;
type NamesOf<Kind extends MetricRow['kind']> = {
  [Name in MetricName]: Table[Name]['kind'] extends Kind ? Name : never;
}[MetricName];
/** Each label once; none where the metric has none. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<Table[Name]['labels'][number], string>
>;

export interface Metrics {
  /** Adds to a counter. */
  add<Name extends NamesOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  set<Name extends NamesOf<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** Gauges that are read when somebody asks. */
  beginQuestion(): Question;
  /** Puts a duration into a histogram. */
  observe<Name extends NamesOf<'histogram'>>(
    name: Name,
    labels: LabelsOf<Name>,
    milliseconds: number,
  ): void;
  /** Prometheus' text form. */
  metrics(): Promise<string>;
  readonly contentType: string;
}

export interface Question extends Pick<Metrics, 'set'> {
  /**
   * Forgets what the question before had set and this one has not: audiences and instances that are no more.
   * What comes later is not shown.
   */
  end(): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, { kind, help, labels }] of Object.entries<MetricRow>(metricTable)) {
    const settings = { name, help, labelNames: [...labels], registers: [registry] };
    switch (kind) {
      case 'counter':
        counters.set(name, new Counter(settings));
        break;
      case 'gauge':
        gauges.set(name, new Gauge(settings));
        break;
      case 'histogram':
        histograms.set(name, new Histogram({ ...settings, buckets: seconds }));
        break;
    }
  }
  const set: Metrics['set'] = (name, labels, value) => gauges.get(name)?.set(labels, value);
  let answered = new Map<string, () => void>();
  return {
    beginQuestion() {
      const asked = new Map<string, () => void>();
      let isOver = false;
      return {
        set(name, labels, value) {
          if (isOver) return;
          set(name, labels, value);
          asked.set(JSON.stringify([name, labels]), () => gauges.get(name)?.remove(labels));
        },
        end() {
          isOver = true;
          for (const [key, forget] of answered) if (!asked.has(key)) forget();
          answered = asked;
        },
      };
    },
    add: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
    set,
    observe: (name, labels, milliseconds) =>
      histograms.get(name)?.observe(labels, milliseconds / 1_000),
    metrics: async () => registry.metrics(),
    contentType: registry.contentType,
  };
}
