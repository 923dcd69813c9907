// A user's folder: empty but for our tarballs installed from npm, and run with whatever Node the
// machine has rather than the one this workspace brings.
import { execFile } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packPackages } from '../tools/pack-packages.ts';
import { runTask } from '../tools/tasks.ts';
import { workspaceRoot } from '../tools/workspace.ts';

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The environment of a user's shell: no condition, and nothing of this workspace on the path. */
function userEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS$|VITEST|TEST$|NODE_ENV$|INIT_CWD$)/i.test(name),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const foreign = path.filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: foreign.join(delimiter) };
}

/** Runs a program as the user would; a non-zero exit is an answer, not an exception. */
export async function run(folder: string, program: string, args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: userEnvironment(), timeout: 150_000 };
    execFile(program, args, options, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
      resolve({ code, out, err });
    });
  });
}

/** As `run`, for steps that have to succeed before there is anything to test. */
export async function mustRun(
  folder: string,
  program: string,
  args: readonly string[],
): Promise<string> {
  const { code, out, err } = await run(folder, program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${code}\n${out}${err}`);
  return out;
}

/** True when npm can fetch what our packages depend on. */
export async function hasRegistry(): Promise<boolean> {
  const args = ['view', 'ajv', 'version', '--fetch-retries=0', '--fetch-timeout=5000'];
  return (await run(workspaceRoot, 'npm', args)).code === 0;
}

/** Builds all packages and packs some. One at a time: the built files are those of the workspace. */
export async function buildAndPack(packages: readonly string[], target: string): Promise<string[]> {
  return alone(async () => {
    const build = await runTask({
      name: 'build',
      arguments: ['--conditions=tributary-source', join(workspaceRoot, 'test/tools/build.ts')],
      folder: workspaceRoot,
    });
    if (!build.passed) throw new Error(`npm run build failed:\n${build.output}`);
    return packPackages(packages, target);
  });
}

const turn = join(workspaceRoot, 'node_modules/.cache/tributary-packing');
/** Whoever has held it for longer was killed. */
const longestTurnMs = 240_000;

export async function alone<Value>(work: () => Promise<Value>): Promise<Value> {
  await mkdir(join(turn, '..'), { recursive: true });
  while (!(await isTaken())) await sleep(300);
  try {
    return await work();
  } finally {
    await rm(turn, { recursive: true, force: true });
  }
}

async function isTaken(): Promise<boolean> {
  try {
    await mkdir(turn);
    return true;
  } catch {
    const since = await stat(turn).catch(() => undefined);
    if (since && Date.now() - since.mtimeMs > longestTurnMs) {
      await rm(turn, { recursive: true, force: true });
    }
    return false;
  }
}

/** A folder with a package.json of its own and the tarballs installed in it. */
export async function install(
  folder: string,
  tarballs: readonly string[],
  flags: readonly string[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  // The hub's Node arrives through an install script, which newer npm runs only for packages named here.
  const manifest = { name: 'user', private: true, type: 'module', allowScripts: { node: true } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await mustRun(folder, 'npm', ['install', '--no-audit', '--no-fund', ...flags, ...tarballs]);
}

/** Major version of the Node that a user's shell finds. */
export async function userNodeMajor(folder: string): Promise<number> {
  return Number((await mustRun(folder, 'node', ['--version'])).replace(/^v(\d+)\..*/s, '$1'));
}
