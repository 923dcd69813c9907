// Runs command-line tools side by side and reports one line each, with the output of those that
// failed. `npm run check` and `npm run build` are lists of such tasks.
import { spawn } from 'node:child_process';

export interface Task {
  readonly name: string;
  /** Arguments for Node itself: a tool's entry file and its own arguments. */
  readonly arguments: readonly string[];
  readonly folder: string;
}

export interface TaskResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

/** Runs all tasks, at most `width` at a time, and calls `onResult` as each one ends. */
export async function runTasks(
  tasks: readonly Task[],
  width: number,
  onResult: (result: TaskResult) => void,
): Promise<boolean> {
  const waiting = [...tasks];
  let passed = true;
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task; task = waiting.shift()) {
      const result = await runTask(task);
      passed &&= result.passed;
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return passed;
}

/** One task in a process of its own; a tool that cannot be started counts as failed. */
export async function runTask(task: Task): Promise<TaskResult> {
  const started = performance.now();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const settle = (passed: boolean): void => {
      const seconds = (performance.now() - started) / 1_000;
      resolve({ name: task.name, passed, seconds, output: Buffer.concat(chunks).toString() });
    };
    const child = spawn(process.execPath, task.arguments, {
      cwd: task.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', (error) => {
      chunks.push(Buffer.from(String(error)));
      settle(false);
    });
    child.once('close', (code) => settle(code === 0));
  });
}

/** Prints `ok   types   3.1 s`, and below a failed task everything it said. */
export function printResult(result: TaskResult): void {
  const mark = result.passed ? 'ok    ' : 'FAILED';
  console.log(`${mark} ${result.name.padEnd(12)} ${result.seconds.toFixed(1)} s`);
  if (!result.passed) console.log(result.output.trimEnd());
}
