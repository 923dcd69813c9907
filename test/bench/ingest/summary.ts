// From what was seen to figures.
import type { LoadReport, RequestNumbers } from './messages.ts';

/** One stretch of sending, and the log numbers that its requests got. */
export interface Round {
  readonly load: LoadReport;
  readonly numbers: RequestNumbers;
}

/** Log numbers up to which resolve had come, and when. */
export type Progress = readonly { readonly upTo: number; readonly at: number }[];

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface RunFigures {
  readonly events: number;
  /** Acknowledged and resolved: until the last event's memberships are committed. */
  readonly eventsPerSecond: number;
  readonly acknowledgedPerSecond: number;
  readonly bytesPerEvent: number;
  readonly acknowledgedMs: Latency;
  readonly membershipMs: Latency;
  readonly repeatedRequests: number;
}

export function summarise(rounds: readonly Round[], resolved: Progress): RunFigures {
  const seen = rounds.map((round) => look(round, resolved));
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const events = sum(seen.map((round) => round.events));
  const perSecond = (milliseconds: readonly number[]): number =>
    Math.round((events * 1_000) / sum(milliseconds));
  return {
    events,
    eventsPerSecond: perSecond(seen.map(({ resolvedMs }) => resolvedMs)),
    acknowledgedPerSecond: perSecond(seen.map(({ ackedMs }) => ackedMs)),
    bytesPerEvent: Math.round(sum(rounds.map(({ load }) => load.bytes)) / events),
    acknowledgedMs: latencyOf(seen.flatMap(({ acknowledgements }) => acknowledgements)),
    membershipMs: latencyOf(seen.flatMap(({ memberships }) => memberships)),
    repeatedRequests: sum(rounds.map(({ load }) => load.repeated)),
  };
}

interface Seen {
  readonly events: number;
  /** From the first request to the last acknowledgement, and to the last membership. */
  readonly ackedMs: number;
  readonly resolvedMs: number;
  /** Per request. */
  readonly acknowledgements: readonly number[];
  /** Per event. */
  readonly memberships: readonly number[];
}

function look({ load, numbers }: Round, resolved: Progress): Seen {
  const highest = new Map(numbers.map(([, request, number]) => [request, number]));
  const memberships: number[] = [];
  const acknowledgements: number[] = [];
  let end = 0;
  for (const [request, due] of load.dueAt.entries()) {
    const resolvedAt = timeOf(resolved, highest.get(request) ?? Infinity);
    end = Math.max(end, resolvedAt);
    const size = load.sizes[request] ?? 0;
    for (let event = 0; event < size; event += 1) memberships.push(resolvedAt - due);
    acknowledgements.push((load.ackedAt[request] ?? Infinity) - due);
  }
  const started = Math.min(...load.dueAt);
  return {
    events: memberships.length,
    ackedMs: Math.max(...load.ackedAt) - started,
    resolvedMs: end - started,
    acknowledgements,
    memberships,
  };
}

/** When resolve had come to a log number. */
function timeOf(resolved: Progress, number: number): number {
  let [low, high] = [0, resolved.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((resolved[middle]?.upTo ?? Infinity) < number) low = middle + 1;
    else high = middle;
  }
  return resolved[low]?.at ?? Infinity;
}

function latencyOf(values: readonly number[]): Latency {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number): number =>
    Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
  return { p50: at(0.5), p99: at(0.99) };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
