// Work that takes longer than anybody holds a connection open: whoever prefers so gets a job at once and
// asks how far it is. Jobs live in the process; what they do is safe to ask for again after a restart.
import { randomBytes } from 'node:crypto';
import { ApiProblem, type ProblemDocument } from './problem.ts';

export interface Progress {
  /** @param all undefined: nobody knows how much there is. */
  (done: number, all?: number): void;
}

export interface JobView {
  readonly id: string;
  /** The operation's id. */
  readonly operation: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly done: number;
  readonly all: number | undefined;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** What the operation would have answered. */
  readonly answer: unknown;
  readonly problem: ProblemDocument | undefined;
}

export interface Jobs {
  /** Throws JOBS_BUSY. `work` may fail with anything; `problemOf` puts it into words. */
  start(operation: string, keyId: string, work: (progress: Progress) => Promise<unknown>): JobView;
  /** undefined: there is none of that id that this key started. */
  read(id: string, keyId: string): JobView | undefined;
}

export interface JobsWorld {
  now(): number;
  problemOf(error: unknown): ProblemDocument;
}

const mostRunning = 8;
/** Of those that have ended, the oldest are forgotten first. */
const mostKept = 100;

interface Job {
  view: JobView;
  readonly keyId: string;
}

export function createJobs({ now, problemOf }: JobsWorld): Jobs {
  const jobs = new Map<string, Job>();
  return {
    start(operation, keyId, work) {
      makeRoom(jobs);
      const id = randomBytes(12).toString('hex');
      const idle = { done: 0, all: undefined, endedAt: undefined, answer: undefined };
      const view = {
        id,
        operation,
        state: 'running',
        startedAt: now(),
        problem: undefined,
      } as const;
      const job: Job = { view: { ...view, ...idle }, keyId };
      jobs.set(id, job);
      const change = (next: Partial<JobView>): void => {
        job.view = { ...job.view, ...next };
      };
      work((done, all) => change({ done, all })).then(
        (answer) => change({ state: 'done', endedAt: now(), answer }),
        (error: unknown) => change({ state: 'failed', endedAt: now(), problem: problemOf(error) }),
      );
      return job.view;
    },
    read(id, keyId) {
      const job = jobs.get(id);
      return job?.keyId === keyId ? job.view : undefined;
    },
  };
}

/** A map keeps the order in which jobs were started. */
function makeRoom(jobs: Map<string, Job>): void {
  const ended = [...jobs].filter(([, { view }]) => view.state !== 'running');
  if (jobs.size - ended.length >= mostRunning) {
    const detail = `Found ${mostRunning} jobs under way, expected fewer. Wait for one to end.`;
    throw new ApiProblem('JOBS_BUSY', { detail, retryAfterSeconds: 5 });
  }
  for (const [id] of ended.slice(0, Math.max(0, ended.length - mostKept + 1))) jobs.delete(id);
}
