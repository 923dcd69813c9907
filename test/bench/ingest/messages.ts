// What the processes of the benchmark tell each other. Times are milliseconds since 1970 with fractions,
// read from each process's steady clock.

export function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}

/** What the process that sends is asked for. */
export interface LoadPlan {
  readonly url: string;
  readonly seed: number;
  readonly events: number;
  readonly batch: number;
  readonly concurrency: number;
  readonly gzip: boolean;
  readonly known: number;
  readonly firstNew: number;
  /** Events per second; undefined: as fast as they are acknowledged. */
  readonly rate: number | undefined;
}

/** What it has seen, by request in the order of sending. */
export interface LoadReport {
  /** When the request was due; a late start counts as waiting. */
  readonly dueAt: readonly number[];
  readonly ackedAt: readonly number[];
  readonly sizes: readonly number[];
  readonly bytes: number;
  /** Requests that were answered 429 or 503 and sent again. */
  readonly repeated: number;
  readonly buyers: readonly number[];
}

/** From the measured hub. */
export type FromHub =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'resolved'; readonly upTo: number; readonly at: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown };

/** To the measured hub. */
export type ToHub =
  | { readonly kind: 'state'; readonly id: number }
  | { readonly kind: 'members'; readonly id: number }
  | { readonly kind: 'requests'; readonly id: number; readonly after: number }
  | { readonly kind: 'stop'; readonly id: number };

export interface HubState {
  /** Highest number in the log. */
  readonly last: number;
  readonly resolved: number;
  /** Everything that was to be computed in full is. */
  readonly computed: boolean;
  readonly peakMemoryMb: number;
  /** Of the whole process, worker threads included. */
  readonly cpuSeconds: number;
  /** Statement → calls, milliseconds in all and at most; empty unless asked for. */
  readonly statements: readonly (readonly [string, number, number, number])[];
}

/** By audience. Counting them reads them all, which an embedded store does while everybody waits: at the end only. */
export type Members = Readonly<Record<string, number>>;

/** Per request of a traffic, the highest log number of its messages. */
export type RequestNumbers = readonly (readonly [seed: number, request: number, number: number])[];
