// Jobs that the vendor took are followed to their end, as the hub does.
import type { DestinationCall, DestinationPlugin } from '../destination.ts';
import type { DeliveryOutcome } from '../outcome.ts';
import type { UnknownSettings } from '../settings.ts';
import type { DestinationInput } from './destination-cases.ts';
import { readVerdicts, type Verdict } from './destination-verdict.ts';
import { settle, type Result } from './settle.ts';

type Outcomes = readonly DeliveryOutcome[];
const mostPolls = 20;

export interface Jobs {
  readonly plugin: DestinationPlugin;
  readonly call: DestinationCall<UnknownSettings, unknown>;
  readonly clock: { advance(milliseconds: number): Promise<void> };
  readonly input: DestinationInput;
  readonly result: Result<Outcomes>;
  readonly verdicts: Map<string, Verdict>;
}

/** Polls until no delivery is merely accepted any more, as the hub would, and notes what came of it. */
export async function followJobs(jobs: Jobs): Promise<void> {
  const { plugin, call } = jobs;
  let outcomes = 'value' in jobs.result ? jobs.result.value : [];
  for (let round = 0; round < mostPolls; round += 1) {
    const open = groupByJob(outcomes, jobs.verdicts);
    if (open.size === 0 || !plugin.poll) return;
    await jobs.clock.advance(pollAfterOf(plugin.limits, call.settings));
    const next: DeliveryOutcome[] = [];
    for (const [job, handles] of open) {
      const deliveries = jobs.input.deliveries.filter(({ handle }) => handles.has(handle));
      const poll = plugin.poll;
      const result = await settle(async () => poll({ ...call, job, deliveries }));
      for (const [handle, verdict] of readVerdicts(deliveries, result)) {
        jobs.verdicts.set(handle, verdict);
      }
      if ('value' in result) next.push(...result.value);
    }
    outcomes = next;
  }
}

function groupByJob(
  outcomes: Outcomes,
  verdicts: ReadonlyMap<string, Verdict>,
): Map<string, Set<string>> {
  const jobs = new Map<string, Set<string>>();
  for (const { handle, outcome } of outcomes) {
    if (outcome.kind !== 'accepted' || verdicts.get(handle)?.kind !== 'accepted') continue;
    const handles = jobs.get(outcome.job) ?? new Set();
    jobs.set(outcome.job, handles.add(handle));
  }
  return jobs;
}

function pollAfterOf(limits: DestinationPlugin['limits'], settings: UnknownSettings): number {
  const resolved = typeof limits === 'function' ? limits(settings) : limits;
  return resolved?.pollAfterMs ?? 5_000;
}
