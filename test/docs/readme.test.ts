// The README's first minutes, as a reader lives them: start the hub with `npm start`'s own command
// line, then send the README's own call. Only the port and the data folder differ, so that a hub
// that is already running is left alone.
import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { readCommands } from './pages.ts';

const config = 'config/demo.yaml';
let folder = '';
let port = 0;
let hub: ChildProcess | undefined;
let said = '';

beforeAll(async () => {
  // Below the root, so that the plugins the config names are found as they are from config/.
  const cache = join(workspaceRoot, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'tributary-readme-'));
  port = await findFreePort();
  const demo = await readFile(join(workspaceRoot, config), 'utf8');
  await writeFile(join(folder, 'demo.yaml'), moveConfig(demo));
  hub = startHub(await readStartScript());
  await waitUntilListening();
}, 120_000);

afterAll(async () => {
  if (hub && hub.exitCode === null) {
    hub.kill('SIGTERM');
    await once(hub, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

test('the first call of the README is accepted', async () => {
  const readme = await readFile(join(workspaceRoot, 'README.md'), 'utf8');
  const call = readCommands(readme).find((command) => command.startsWith('curl ')) ?? '';
  expect(call).toContain('localhost:8080');
  const answer = await shell(call.replace('localhost:8080', `127.0.0.1:${port}`));
  expect(JSON.parse(answer)).toMatchObject({ success: true });
});

/** The demo config with a port and a data folder of this test's own. */
function moveConfig(demo: string): string {
  return demo
    .replace(/^(\s*folder:).*$/m, `$1 ${join(folder, 'data')}`)
    .replace(/^(\s*port:).*$/m, `$1 ${port}`);
}

async function readStartScript(): Promise<string> {
  const manifest: { scripts: { start: string } } = JSON.parse(
    await readFile(join(workspaceRoot, 'package.json'), 'utf8'),
  );
  return manifest.scripts.start;
}

/** `npm start -- --config …`, with the sandboxes on any port. */
function startHub(script: string): ChildProcess {
  const [program = '', ...own] = script.split(' ');
  const args = [...own, '--config', join(folder, 'demo.yaml')];
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: workspaceRoot,
    env: { ...process.env, SANDBOX_SENDGRID_PORT: '0', SANDBOX_WEBHOOK_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return child;
}

async function waitUntilListening(): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    if (hub?.exitCode !== null) throw new Error(`npm start ended:\n${said}`);
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (answer) return;
    await sleep(100);
  }
  throw new Error(`npm start did not listen on ${port}:\n${said}`);
}

async function shell(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', command], { timeout: 30_000 }, (error, out, err) =>
      error ? reject(new Error(`${command}\n${err}\n${said}`)) : resolve(out),
    );
  });
}
