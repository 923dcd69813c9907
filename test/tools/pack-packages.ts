// Packages of the workspace as npm would publish them, in a folder, for whoever installs them from there.
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { workspaceRoot } from './workspace.ts';

const run = promisify(execFile);

/**
 * What was built before: nothing is built here.
 * @returns paths of the tarballs, in the order of `packages`
 */
export async function packPackages(packages: readonly string[], target: string): Promise<string[]> {
  await mkdir(target, { recursive: true });
  const folders = packages.map((folder) => `./${folder}`);
  const words = ['pack', ...folders, '--pack-destination', target, '--json', '--ignore-scripts'];
  const { stdout } = await run('npm', words, { cwd: workspaceRoot, maxBuffer: 64 * 1_024 * 1_024 });
  const names = [...stdout.matchAll(/"filename":\s*"([^"]+)"/g)].map(([, name]) => name ?? '');
  if (names.length !== packages.length) {
    throw new Error(`npm pack named ${names.length} files, expected ${packages.length}: ${stdout}`);
  }
  return names.map((name) => join(target, name));
}
