// The last line of a CI run, from vitest's JSON report: `N passed, N failed`. A test file that could
// not be loaded counts as one failure, and a run without a single passed test is a failed run.
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

export interface ClosingLine {
  readonly text: string;
  readonly passed: boolean;
}

/** Judges a report; throws where it is not one. */
export function describeReport(report: unknown): ClosingLine {
  const passed = readCount(report, 'numPassedTests');
  const skipped = readCount(report, 'numPendingTests') + readCount(report, 'numTodoTests');
  const failed = readCount(report, 'numFailedTests') + countBrokenFiles(report);
  const text = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { text, passed: passed > 0 && failed === 0 };
}

function readCount(report: unknown, name: string): number {
  const count = readField(report, name);
  if (typeof count !== 'number') throw new Error(`the report has no ${name}`);
  return count;
}

/** Files that failed without one of their tests failing: an import or a hook threw. */
function countBrokenFiles(report: unknown): number {
  const files = readField(report, 'testResults');
  if (!Array.isArray(files)) throw new Error('the report has no testResults');
  return files.filter((file: unknown) => {
    const tests = readField(file, 'assertionResults');
    const failures = Array.isArray(tests)
      ? tests.filter((test: unknown) => readField(test, 'status') === 'failed')
      : [];
    return readField(file, 'status') === 'failed' && failures.length === 0;
  }).length;
}

function readField(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

async function loadReport(file: string): Promise<unknown> {
  const report: unknown = JSON.parse(await readFile(file, 'utf8'));
  return report;
}

/** The tests never got as far as a report. */
function describeMissingReport(error: unknown): ClosingLine {
  console.error(`no test report: ${String(error)}`);
  return { text: '0 passed, 1 failed', passed: false };
}

async function printClosingLine(file: string | undefined): Promise<number> {
  if (file === undefined) throw new Error('usage: closing-line.ts REPORT');
  const line = await loadReport(file).then(describeReport, describeMissingReport);
  console.log(line.text);
  return line.passed ? 0 : 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await printClosingLine(process.argv[2]);
}
