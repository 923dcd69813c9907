// The closing line says what vitest found, and a run that proved nothing does not pass.
import { expect, test } from 'vitest';
import { describeReport } from './closing-line.ts';

const report = (
  passed: number,
  failed: number,
  pending: number,
  files: unknown[] = [],
): unknown => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: 0,
  testResults: files,
});

test('passed tests pass', () => {
  expect(describeReport(report(12, 0, 0))).toEqual({ text: '12 passed, 0 failed', passed: true });
});

test('skipped tests are named', () => {
  expect(describeReport(report(12, 0, 3)).text).toBe('12 passed, 0 failed, 3 skipped');
});

test('a failed test fails the run', () => {
  const file = { status: 'failed', assertionResults: [{ status: 'failed' }] };
  expect(describeReport(report(11, 1, 0, [file]))).toEqual({
    text: '11 passed, 1 failed',
    passed: false,
  });
});

test('a file that could not be loaded counts as a failure', () => {
  const file = { status: 'failed', assertionResults: [] };
  expect(describeReport(report(11, 0, 0, [file]))).toEqual({
    text: '11 passed, 1 failed',
    passed: false,
  });
});

test('a run without a passed test does not pass', () => {
  expect(describeReport(report(0, 0, 5)).passed).toBe(false);
  expect(describeReport(report(0, 0, 0)).passed).toBe(false);
});

test('something else than a report is refused', () => {
  expect(() => describeReport({})).toThrow('numPassedTests');
});
