// The `tributary` command's starter, apart from what it starts: a stand-in command line shows which
// Node ran it, with which conditions, and that exit codes and signals pass through.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workspaceRoot } from '../tools/workspace.ts';

const stopSignals = pathToFileURL(join(workspaceRoot, 'core/src/cli/stop-signals.ts')).href;

const standIn = `
async function stopInOrder() {
  const { listenForStop } = await import('${stopSignals}');
  const stop = listenForStop((code) => process.exit(code));
  const timer = setInterval(() => {}, 1_000);
  process.stdout.write('listening');
  await stop.asked;
  // As long as what is in flight takes.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  clearInterval(timer);
  return 0;
}
export async function main(argv) {
  if (argv[0] === 'stop') return stopInOrder();
  const conditions = process.execArgv.join(' ');
  // Whoever reads the line may send a signal at once: the listener must be there before it.
  const ended = new Promise((resolve) => {
    if (argv[0] !== 'wait') return;
    const timer = setInterval(() => {}, 1_000);
    process.once('SIGTERM', () => { clearInterval(timer); resolve(7); });
  });
  process.stdout.write(JSON.stringify({ argv, conditions, node: process.versions.node }) + '\\n');
  if (argv[0] === 'throw') throw new Error('stand-in failed');
  return argv[0] === 'wait' ? ended : Number(argv[0] ?? 0);
}
`;

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let folder = '';
const bins = { source: '', built: '', empty: '' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-bin-'));
  bins.source = await layOut('workspace/core', 'src/cli/main.ts');
  bins.built = await layOut('user/node_modules/@tributary/core', 'dist/cli/main.js');
  bins.empty = await layOut('broken/node_modules/@tributary/core', 'dist/other.js');
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

async function layOut(path: string, main: string): Promise<string> {
  const target = join(folder, path);
  await mkdir(join(target, main, '..'), { recursive: true });
  await cp(join(workspaceRoot, 'core/bin'), join(target, 'bin'), { recursive: true });
  await writeFile(join(target, 'package.json'), '{ "type": "module" }');
  await writeFile(join(target, main), standIn);
  return join(target, 'bin/tributary.js');
}

/** Detached, it leads a process group of its own. */
function start(args: string[], options: { detached?: boolean } = {}): ReturnType<typeof spawn> {
  return spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function finish(child: ReturnType<typeof spawn>): Promise<Run> {
  if (!child.stdout || !child.stderr) throw new Error('the child has no pipes');
  const code = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, err };
}

describe('from a workspace', () => {
  test('runs the sources, with the condition that makes packages resolve to theirs', async () => {
    const run = await finish(start([bins.source, '3', '--flag']));
    expect(run.code).toBe(3);
    expect(JSON.parse(run.out)).toMatchObject({
      argv: ['3', '--flag'],
      conditions: '--conditions=tributary-source',
    });
  });

  test('stays in its process when it already has the condition', async () => {
    const child = start(['--conditions=tributary-source', bins.source, 'wait']);
    child.stdout?.once('data', () => child.kill('SIGTERM'));
    expect((await finish(child)).code).toBe(7);
  });

  test('passes a signal on and the exit code back', async () => {
    const child = start([bins.source, 'wait']);
    child.stdout?.once('data', () => child.kill('SIGTERM'));
    expect((await finish(child)).code).toBe(7);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'a %s that reaches both processes, as by Ctrl+C or a service manager, asks once to stop',
    async (signal) => {
      const child = start([bins.source, 'stop'], { detached: true });
      child.stdout?.once('data', () => process.kill(-(child.pid ?? NaN), signal));
      expect(await finish(child)).toMatchObject({ code: 0, out: 'listening', err: '' });
    },
  );

  test('ends what it started when it is killed outright', async () => {
    const child = start([bins.source, 'wait']);
    child.stdout?.once('data', () => child.kill('SIGKILL'));
    // The pipes close only when the started process, which shares them, has ended as well.
    const run = await finish(child);
    expect(run.code).toBeNull();
  });
});

describe('as an installed package', () => {
  test('runs what was built, without the condition', async () => {
    const run = await finish(start([bins.built]));
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(run.out)).toMatchObject({ argv: [], conditions: '' });
  });

  test('an error that escapes the command line ends in a non-zero exit', async () => {
    const run = await finish(start([bins.built, 'throw']));
    expect(run.code).toBe(1);
    expect(run.err).toContain('stand-in failed');
  });

  test('says what to do when the build is missing', async () => {
    const run = await finish(start([bins.empty]));
    expect(run.code).toBe(1);
    expect(run.err).toContain('TRIBUTARY_NOT_BUILT');
    expect(run.err.trim().split('\n')).toHaveLength(1);
  });
});
