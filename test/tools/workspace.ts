// The packages of the workspace, in the order in which they are built: what others import first.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export const workspaceRoot: string = join(import.meta.dirname, '../..');

/** Folders of the packages, relative to the root, that have something to publish. */
export async function findPackages(root: string = workspaceRoot): Promise<string[]> {
  const plugins = (await readdir(join(root, 'plugins'))).sort().map((name) => `plugins/${name}`);
  return ['sdk', 'core', ...plugins].filter((folder) =>
    existsSync(join(root, folder, 'src/index.ts')),
  );
}
