// What intake does, as metrics; which events it made, for traces.
import type { Metrics } from '../observe/metrics.ts';
import type { Tracing } from '../observe/tracing.ts';
import type { IntakeOptions } from './intake.ts';

export function countIntake(
  metrics: Metrics,
  tracing?: Pick<Tracing, 'accepted'>,
): Required<Pick<IntakeOptions, 'onGroup' | 'onReceipt' | 'onPlanViolation' | 'onKeptOut'>> {
  return {
    onGroup(records, milliseconds) {
      metrics.add('tributary_intake_commit_records_total', {}, records);
      metrics.observe('tributary_intake_commit_seconds', {}, milliseconds);
    },
    onReceipt(source, { accepted, duplicates, quarantined, suppressed }, numbers) {
      tracing?.accepted(numbers.map((number) => (number === 'kept_out' ? undefined : number)));
      const count = (result: string, by: number): void =>
        metrics.add('tributary_records_total', { source, result }, by);
      count('accepted', accepted);
      count('duplicate', duplicates);
      count('quarantined', quarantined.length);
      count('suppressed', suppressed ?? 0);
    },
    onKeptOut: ({ source, reason }) =>
      metrics.add('tributary_records_suppressed_total', { source, reason }),
    onPlanViolation: (source, { code }) =>
      metrics.add('tributary_plan_violations_total', { source, code }),
  };
}
