// What sources hand in, as traces.
import type { Tracing } from '../observe/tracing.ts';
import type { Intake } from './intake.ts';

export function traceIntake(intake: Intake, tracing: Tracing | undefined): Intake {
  if (!tracing) return intake;
  return {
    ...intake,
    submit: async (submission) =>
      tracing.intake(submission.source.id, submission.records.length, async () =>
        intake.submit(submission),
      ),
  };
}
