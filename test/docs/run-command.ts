// Runs a command of a page as its reader would, from the root of the workspace.
import { execFile } from 'node:child_process';
import { workspaceRoot } from '../tools/workspace.ts';

/** What it wrote; rejects with all of it where it failed. */
export async function run(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: workspaceRoot, timeout: 120_000 };
    execFile('sh', ['-c', command], options, (error, out, err) =>
      error ? reject(new Error(`${command}\n${out}\n${err}`)) : resolve(out),
    );
  });
}
