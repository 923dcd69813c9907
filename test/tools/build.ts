// `npm run build`: plain JavaScript and declarations in each package's dist/, then publint over each.
// Everything but the SDK is built against the SDK's own dist/, as a stranger's plugin would be, so a
// declaration that only works from source fails here.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printResult, runTasks, type Task } from './tasks.ts';
import { findPackages, workspaceRoot } from './workspace.ts';

const cache = join(workspaceRoot, 'node_modules/.cache/tributary-build');
const testFiles = ['**/*.test.ts', '**/fixtures/**'];

const packages = await findPackages();
await mkdir(cache, { recursive: true });
const built =
  (await compile(packages.filter((folder) => folder === 'sdk'))) &&
  (await compile(packages.filter((folder) => folder !== 'sdk')));
process.exitCode = built && (await lint(packages)) ? 0 : 1;

async function compile(folders: readonly string[]): Promise<boolean> {
  const tasks = await Promise.all(folders.map(prepare));
  return runTasks(tasks, 2, printResult);
}

/** Empties dist/, copies what is not TypeScript into it and writes the compiler's settings. */
async function prepare(folder: string): Promise<Task> {
  const source = join(workspaceRoot, folder, 'src');
  const target = join(workspaceRoot, folder, 'dist');
  await rm(target, { recursive: true, force: true });
  await cp(source, target, { recursive: true, filter: (path) => !/\.tsx?$/.test(path) });
  await cp(join(workspaceRoot, 'LICENSE'), join(workspaceRoot, folder, 'LICENSE'));
  const settings = join(cache, `${folder.replace('/', '-')}.json`);
  await writeFile(settings, JSON.stringify(compilerSettings(source, target)));
  return {
    name: folder,
    arguments: [tool('tsc'), '--project', settings, '--pretty'],
    folder: workspaceRoot,
  };
}

function compilerSettings(source: string, target: string): object {
  return {
    extends: join(workspaceRoot, 'tsconfig.json'),
    compilerOptions: {
      customConditions: [],
      rootDir: source,
      outDir: target,
      noEmit: false,
      declaration: true,
      sourceMap: false,
      noEmitOnError: true,
    },
    include: [source],
    exclude: testFiles.map((pattern) => join(source, pattern)),
  };
}

async function lint(folders: readonly string[]): Promise<boolean> {
  const tasks = folders.map((folder) => ({
    name: `publint ${folder}`,
    arguments: [tool('publint'), folder, '--strict'],
    folder: workspaceRoot,
  }));
  return runTasks(tasks, 2, printResult);
}

function tool(name: string): string {
  return join(workspaceRoot, 'node_modules/.bin', name);
}
