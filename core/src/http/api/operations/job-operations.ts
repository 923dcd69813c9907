// How far long work is that was asked for with `Prefer: respond-async`.
import type { JobView } from '../jobs.ts';
import { defineOperation } from '../operation.ts';
import { ApiProblem } from '../problem.ts';
import { ref } from '../schemas.ts';
import { optionalTime, time } from '../wire.ts';

export const readJob = defineOperation({
  id: 'readJob',
  method: 'get',
  route: '/jobs/{id}',
  tag: 'Jobs',
  summary: 'How far long work is, and in the end its answer',
  description:
    'Operations that may take long answer 202 with a job to `Prefer: respond-async`. Only the key that started it may ask. Jobs are forgotten when the hub stops.',
  permission: 'states.read',
  path: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string', pattern: '^[0-9a-f]{24}$' } },
    additionalProperties: false,
  },
  answer: ref('Job'),
  command: { none: 'Commands that take long wait for their job and show how far it is.' },
  problems: ['JOB_UNKNOWN'],
  handle: ({ jobs, path, key }) => {
    const job = jobs.read(path.id, key.id);
    if (job) return { body: wireOf(job) };
    throw new ApiProblem('JOB_UNKNOWN', {
      detail: 'It was started with another key, or before the hub was.',
    });
  },
});

export function wireOf(job: JobView): object {
  return { ...job, startedAt: time(job.startedAt), endedAt: optionalTime(job.endedAt) };
}
