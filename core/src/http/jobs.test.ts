// Long work as a job: it goes on without its caller, tells how far it is, and belongs to its key.
import { describe, expect, it } from 'vitest';
import { createJobs } from './api/jobs.ts';
import { ApiProblem, problemDocument } from './api/problem.ts';

function createTestJobs() {
  const problem = new ApiProblem('API_FAILED', { detail: 'The work did not succeed.' });
  return createJobs({ now: () => 5, problemOf: () => problemDocument(problem) });
}

const settled = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('a job', () => {
  it('tells how far it is, and in the end the answer', async () => {
    const jobs = createTestJobs();
    const work = Promise.withResolvers<string>();
    const { id, state } = jobs.start('replay', 'ab', (progress) => {
      progress(3, 10);
      return work.promise;
    });
    expect(state).toBe('running');
    expect(jobs.read(id, 'ab')).toMatchObject({ state: 'running', done: 3, all: 10 });
    work.resolve('all of them');
    await settled();
    expect(jobs.read(id, 'ab')).toMatchObject({ state: 'done', answer: 'all of them', endedAt: 5 });
  });

  it('that fails ends with the problem, and is nobody else\u2019s', async () => {
    const jobs = createTestJobs();
    const { id } = jobs.start('replay', 'ab', () => Promise.reject(new Error('secret inside')));
    await settled();
    expect(jobs.read(id, 'ab')).toMatchObject({ state: 'failed', problem: { code: 'API_FAILED' } });
    expect(JSON.stringify(jobs.read(id, 'ab'))).not.toContain('secret');
    expect(jobs.read(id, 'cd')).toBeUndefined();
  });

  it('waits for room where too many are under way, and old ones are forgotten', async () => {
    const jobs = createTestJobs();
    const first = jobs.start('replay', 'ab', () => Promise.resolve());
    await settled();
    for (let count = 0; count < 100; count += 1) {
      jobs.start('replay', 'ab', () => Promise.resolve());
      await settled();
    }
    expect(jobs.read(first.id, 'ab')).toBeUndefined();
    const never = Promise.withResolvers<void>();
    for (let count = 0; count < 8; count += 1) jobs.start('replay', 'ab', () => never.promise);
    expect(() => jobs.start('replay', 'ab', () => never.promise)).toThrow('JOBS_BUSY');
  });
});
