// A guide as its reader has it: what it shows, step by step, in a folder of the reader's own. Packages are
// found there without an install; the install itself is a test of test/packaging.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { readBlocks, type Block } from '../docs/pages.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { waitUntil } from './wait-until.ts';

export interface Guide {
  readonly folder: string;
  /** Titled blocks in the order of the page. */
  readonly blocks: readonly Block[];
  /** The lines of one block, continued lines joined. */
  step(title: string): readonly string[];
  /** Runs a step to its end, from the folder that the steps before have led to. */
  run(title: string, environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Starts the last line of a step, which runs until it is told to stop. */
  start(title: string, environment?: Readonly<Record<string, string>>): Running;
  /** Writes what the page shows of a file. */
  write(title: string, change?: (text: string) => string, into?: string): Promise<void>;
  /** From now on the page is read with one text in place of another: the port that was free, say. */
  rewrite(from: string, to: string): void;
  dispose(): Promise<void>;
}

export interface Ended {
  readonly code: number | null;
  readonly said: string;
}

export interface Running {
  said(): string;
  /** The first group of the first match, as soon as it is said. */
  hear(pattern: RegExp): Promise<string>;
  stop(): Promise<void>;
}

const node = `'${process.execPath}' --conditions=tributary-source`;
const bin = `'${join(workspaceRoot, 'core/bin/tributary.js')}'`;

export async function openGuide(name: string): Promise<Guide> {
  const text = await readFile(join(workspaceRoot, `docs/guides/${name}.md`), 'utf8');
  const blocks = readBlocks(text);
  const folder = await mkdtemp(join(tmpdir(), 'tributary-guide-'));
  // Packages are found from the reader's folder on, as after an install.
  await symlink(join(workspaceRoot, 'node_modules'), join(folder, 'node_modules'));
  const running = new Set<ChildProcess>();
  const rewrites: [from: string, to: string][] = [];
  let at = folder;

  const contentOf = (title: string): string => {
    const block = blocks.find((candidate) => candidate.title === title);
    if (block === undefined) throw new Error(`${name} has no block ${title}`);
    return rewrites.reduce((text, [from, to]) => text.replaceAll(from, to), block.content);
  };
  const launch = (command: string, environment: Readonly<Record<string, string>>): ChildProcess => {
    const env = { ...process.env, ...environment };
    const child = spawn('sh', ['-ec', command], {
      cwd: at,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('close', () => running.delete(child));
    return child;
  };

  return {
    folder,
    blocks,
    step: (title) => contentOf(title).trim().split('\n'),
    async run(title, environment = {}) {
      // The folder that `cd` leads to is where the next step begins.
      const script = `${localise(contentOf(title))}\npwd > '${join(folder, '.at')}'`;
      const child = launch(script, environment);
      const said = listen(child);
      const [code] = (await once(child, 'close')) as [number | null];
      if (code === 0) at = (await readFile(join(folder, '.at'), 'utf8')).trim();
      return { code, said: said() };
    },
    start(title, environment = {}) {
      const child = launch(`exec ${localise(contentOf(title)).trim()}`, environment);
      const said = listen(child);
      return {
        said,
        async hear(pattern) {
          await waitUntil(() => pattern.test(said()) || child.exitCode !== null, {
            what: `${title} to say ${String(pattern)}`,
            // A first start makes a database; on a busy machine that takes its time.
            withinMs: 120_000,
            describe: said,
          });
          return pattern.exec(said())?.[1] ?? '';
        },
        async stop() {
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.kill('SIGTERM');
          await once(child, 'close');
        },
      };
    },
    async write(title, change = (written) => written, into = '.') {
      const file = join(at, into, title);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, change(contentOf(title)));
    },
    rewrite: (from, to) => void rewrites.push([from, to]),
    async dispose() {
      for (const child of running) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The command line of this workspace; nothing to pack or to install. */
function localise(commands: string): string {
  return commands
    .replaceAll('npx tributary', `${node} ${bin}`)
    .replaceAll('npm test', `${node} ${bin} plugin test . && ${node} --test "test/**/*.test.ts"`)
    .replaceAll(/^npm (install|init|pkg|run pack).*$/gm, ':');
}

function listen(child: ChildProcess): () => string {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  return () => said;
}
