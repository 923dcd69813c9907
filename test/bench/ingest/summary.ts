// From what was seen to figures.
import type { LoadReport, RequestNumbers } from './messages.ts';

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

/** @param loads a run's processes, each with the seed of its sources. */
export function summarise(
  load: LoadReport,
  numbers: RequestNumbers,
  resolved: readonly { readonly upTo: number; readonly at: number }[],
): RunFigures {
  const events = load.sizes.reduce((sum, size) => sum + size, 0);
  const highest = new Map(numbers.map(([, request, number]) => [request, number]));
  const memberships: number[] = [];
  const acknowledgements: number[] = [];
  let end = 0;
  for (const [request, due] of load.dueAt.entries()) {
    const size = load.sizes[request] ?? 0;
    const resolvedAt = timeOf(resolved, highest.get(request) ?? Infinity);
    end = Math.max(end, resolvedAt);
    for (let event = 0; event < size; event += 1) memberships.push(resolvedAt - due);
    acknowledgements.push((load.ackedAt[request] ?? Infinity) - due);
  }
  const started = Math.min(...load.dueAt);
  const perSecond = (until: number): number => Math.round((events * 1_000) / (until - started));
  return {
    events,
    eventsPerSecond: perSecond(end),
    acknowledgedPerSecond: perSecond(Math.max(...load.ackedAt)),
    bytesPerEvent: Math.round(load.bytes / events),
    acknowledgedMs: latencyOf(acknowledgements),
    membershipMs: latencyOf(memberships),
    repeatedRequests: load.repeated,
  };
}

/** When resolve had come to a log number. */
function timeOf(
  resolved: readonly { readonly upTo: number; readonly at: number }[],
  number: number,
): number {
  let [low, high] = [0, resolved.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((resolved[middle]?.upTo ?? Infinity) < number) low = middle + 1;
    else high = middle;
  }
  return resolved[low]?.at ?? Infinity;
}

export function latencyOf(values: readonly number[]): Latency {
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
