// `tributary start` as a service manager sees it: a process, its words, its signals, its exit codes.
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenForStop, type StopSignals } from './stop-signals.ts';

const bin = join(import.meta.dirname, '../../bin/tributary.js');

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said(): string;
  /** The first match in what was said so far or is said later. */
  wait(pattern: RegExp): Promise<RegExpExecArray>;
}

/** A first start makes a database; on a busy machine that takes its time. */
const startBoundMs = 200_000;

let folder = '';
const started: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-start-'));
  await writeFile(join(folder, 'hub.yaml'), 'tributary: 1\nhub: { store: ./data }\n');
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function start(...args: readonly string[]): Running {
  const child = spawn(
    process.execPath,
    ['--conditions=tributary-source', bin, 'start', '--config', join(folder, 'hub.yaml'), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  started.push(child);
  let said = '';
  const hear = (chunk: Buffer): void => {
    said += chunk.toString();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => resolve(code));
  });
  return {
    child,
    ended,
    said: () => said,
    async wait(pattern) {
      await expect.poll(() => pattern.test(said), { timeout: startBoundMs }).toBe(true);
      const match = pattern.exec(said);
      if (!match) throw new Error(`not said: ${String(pattern)}`);
      return match;
    },
  };
}

const patience = { timeout: 2 * startBoundMs };

test('says where it listens, keeps its store to itself, and stops in order', patience, async () => {
  const hub = start('--port', '0');
  const [, url = ''] = await hub.wait(/is listening on (http:\S+)/);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(hub.said()).toMatch(/shown this once: tk_/);

  const second = start('--port', '0');
  expect(await second.ended).toBe(4);
  expect(second.said()).toContain(`STORE_LOCKED`);

  hub.child.kill('SIGTERM');
  expect(await hub.ended).toBe(0);
  expect(hub.said()).toMatch(/SIGTERM received\..*\nStopped\.\n$/s);
});

const slowSource = `
import { defineSource } from '@tributary/sdk';
export default defineSource({
  name: 'slow',
  title: 'Slow',
  settings: { type: 'object', additionalProperties: false },
  async open() {
    console.log('it opens');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  },
  http: { paths: ['/'], handle: () => ({ answer: { status: 204 } }) },
});
`;

test('told to stop while it still starts, it stops and does not listen', patience, async () => {
  await symlink(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'slow.mjs'), slowSource);
  await writeFile(
    join(folder, 'hub.yaml'),
    'tributary: 1\nhub: { store: ./data }\nsources: { slow: { plugin: ./slow.mjs } }\n',
  );
  const hub = start('--port', '0');
  await hub.wait(/it opens/);
  hub.child.kill('SIGTERM');
  expect(await hub.ended).toBe(0);
  expect(hub.said()).toMatch(/SIGTERM received\..*\nStopped\.\n$/s);
  expect(hub.said()).not.toContain('is listening');
});

test('the first signal asks to stop, the second ends the process with its code', async () => {
  const { source, codes, stop } = listen();
  source.emit('SIGINT', 'SIGINT');
  expect(await stop.asked).toBe('SIGINT');
  expect(codes).toEqual([]);
  source.emit('SIGTERM', 'SIGTERM');
  expect(codes).toEqual([143]);
  stop.release();
  expect(source.listenerCount('SIGTERM')).toBe(0);
});

test('the same signal right after is the same request; later it ends the process', () => {
  const { source, codes, clock } = listen();
  for (const at of [0, 1, 499]) {
    clock.now = at;
    source.emit('SIGINT', 'SIGINT');
  }
  expect(codes).toEqual([]);
  clock.now = 500;
  source.emit('SIGINT', 'SIGINT');
  expect(codes).toEqual([130]);
});

function listen(): {
  readonly source: EventEmitter;
  readonly codes: readonly number[];
  readonly clock: { now: number };
  readonly stop: StopSignals;
} {
  const source = new EventEmitter();
  const codes: number[] = [];
  const clock = { now: 0 };
  const stop = listenForStop((code) => codes.push(code), { source, now: () => clock.now });
  return { source, codes, clock, stop };
}

test.each([
  [['--port', '99999'], 2, 'CLI_USAGE: --port: found "99999"'],
  [['--log-level', 'loud'], 2, 'CLI_USAGE: --log-level: found "loud"'],
])('%j is a mistake of the command line', async (args, code, words) => {
  const hub = start(...args);
  expect(await hub.ended).toBe(code);
  expect(hub.said()).toContain(words);
});
