// Work that the vendor accepts now and does later. A job waits until it is due by the fake's clock
// and runs when somebody next looks, in the order of due times; nothing here sets a timer.
import { isoTime, type FakeClock } from './clock.ts';

export interface JobError {
  readonly key: string;
  readonly message: string;
}
export interface JobResults {
  readonly requested: number;
  readonly created?: number;
  readonly updated?: number;
  readonly deleted?: number;
  readonly errors: readonly JobError[];
}
export interface Job {
  readonly id: string;
  readonly type: 'upsert' | 'delete';
  readonly startedAt: number;
  readonly dueAt: number;
  readonly requested: number;
  /** False where the specification does not say that the import status endpoint knows the job. */
  readonly pollable: boolean;
  results: JobResults | null;
}
export type NewJob = Pick<Job, 'type' | 'requested' | 'pollable'> & {
  readonly delay: number;
  readonly run: () => JobResults;
};
interface WaitingJob extends Job {
  readonly run: () => JobResults;
}

export interface Jobs {
  add(job: NewJob): Job;
  find(id: string): Job | undefined;
  /** Runs what is due. */
  settle(): void;
  /** Runs everything, due or not. */
  settleAll(): void;
  waiting(): number;
}

export function createJobs(clock: FakeClock, newId: () => string): Jobs {
  const all = new Map<string, Job>();
  let queue: WaitingJob[] = [];

  const settleUntil = (limit: number): void => {
    const due = queue.filter((job) => job.dueAt <= limit).toSorted((a, b) => a.dueAt - b.dueAt);
    if (due.length === 0) return;
    queue = queue.filter((job) => job.dueAt > limit);
    for (const job of due) job.results = job.run();
  };

  return {
    add({ type, requested, pollable, delay, run }) {
      const now = clock.now();
      const job: WaitingJob = {
        id: newId(),
        type,
        startedAt: now,
        dueAt: now + delay,
        requested,
        pollable,
        results: null,
        run,
      };
      all.set(job.id, job);
      queue.push(job);
      return job;
    },
    find: (id) => all.get(id),
    settle: () => settleUntil(clock.now()),
    settleAll: () => settleUntil(Number.POSITIVE_INFINITY),
    waiting: () => queue.length,
  };
}

/** The answer of the import status endpoint. Fields appear as the job's type has use for them. */
export function describeJob(job: Job, errorsUrl: (id: string) => string): Record<string, unknown> {
  const head = { id: job.id, job_type: job.type, started_at: isoTime(job.startedAt) };
  if (job.results === null) {
    return { ...head, status: 'pending', results: { requested_count: job.requested } };
  }
  return {
    ...head,
    status: jobStatus(job.results),
    results: describeResults(job, job.results, errorsUrl),
    finished_at: isoTime(job.dueAt),
  };
}

function jobStatus({ requested, errors }: JobResults): 'completed' | 'errored' | 'failed' {
  if (errors.length === 0) return 'completed';
  return errors.length < requested ? 'errored' : 'failed';
}

function describeResults(
  job: Job,
  results: JobResults,
  errorsUrl: (id: string) => string,
): Record<string, unknown> {
  return {
    requested_count: results.requested,
    ...(results.created === undefined ? {} : { created_count: results.created }),
    ...(results.updated === undefined ? {} : { updated_count: results.updated }),
    ...(results.deleted === undefined ? {} : { deleted_count: results.deleted }),
    errored_count: results.errors.length,
    ...(results.errors.length === 0 ? {} : { errors_url: errorsUrl(job.id) }),
  };
}

/** The file behind `errors_url`. */
export function errorsFile(job: Job): string {
  const lines = (job.results?.errors ?? []).map(
    ({ key, message }) => `${cell(key)},${cell(message)}`,
  );
  return ['identifier,error', ...lines, ''].join('\r\n');
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
