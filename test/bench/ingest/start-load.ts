// Starts the process that sends, and waits for what it has seen.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadPlan, LoadReport } from './messages.ts';

export function runLoad(plan: LoadPlan): Promise<LoadReport> {
  const child = fork(fileURLToPath(new URL('load.ts', import.meta.url)), [], {
    execArgv: ['--conditions=tributary-source'],
    serialization: 'advanced',
  });
  const orphan = (): void => void child.kill('SIGKILL');
  process.once('exit', orphan);
  return new Promise<LoadReport>((resolve, reject) => {
    child.once('message', (report: LoadReport) => resolve(report));
    child.once('exit', (code) => {
      process.removeListener('exit', orphan);
      reject(new Error(`the load ended with ${code}`));
    });
    child.send(plan);
  });
}
