// A tracking plan says which track events a source may send and what their properties look like.
import type { SourceRecord } from '@tributary/sdk';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { recordProblem, type RecordProblem } from '../standardise/problem.ts';
import type { TrackingPlan } from './settings.ts';

/** Undefined: as planned, or no track event. */
export type PlanChecker = (record: SourceRecord) => RecordProblem | undefined;

export function createPlanChecker(plan: TrackingPlan): PlanChecker {
  const ajv = new Ajv2020({ allErrors: false, strict: false });
  formats.default(ajv);
  const validators = new Map<string, ValidateFunction>(
    [...plan.events].map(([event, schema]) => [event, ajv.compile(schema)]),
  );
  return (record) => {
    if (record.type !== 'track') return undefined;
    const validate = validators.get(record.event);
    if (!validate) {
      return notPlanned(record.event, `not in the plan of ${validators.size} events`);
    }
    if (validate(record.properties ?? {})) return undefined;
    const error = validate.errors?.[0];
    return notPlanned(
      record.event,
      `properties${error?.instancePath ?? ''} ${error?.message ?? ''}`,
    );
  };
}

function notPlanned(event: string, found: string): RecordProblem {
  return recordProblem(
    'RECORD_NOT_PLANNED',
    `event "${event.slice(0, 60)}"`,
    found,
    'Mend the sender or the trackingPlan of the source and replay.',
  );
}
