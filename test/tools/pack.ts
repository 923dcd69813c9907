// `npm run pack -- FOLDER`: builds all packages and lays them into a folder as npm would publish them, so
// that a hub and plugins of one's own can be made of a checkout.
import { join, resolve } from 'node:path';
import { packPackages } from './pack-packages.ts';
import { printResult, runTasks } from './tasks.ts';
import { findPackages, workspaceRoot } from './workspace.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Say where to: npm run pack -- ../tributary-packages');
  process.exitCode = 2;
} else {
  const build = {
    name: 'build',
    arguments: ['--conditions=tributary-source', join(workspaceRoot, 'test/tools/build.ts')],
    folder: workspaceRoot,
  };
  if (await runTasks([build], 1, printResult)) {
    const target = resolve(folder);
    const tarballs = await packPackages(await findPackages(), target);
    console.log(`${tarballs.length} packages are in ${target}`);
  } else process.exitCode = 1;
}
