// A PostgreSQL of the harness's own, from the machine's binaries, that may be restarted, killed and
// starved without anybody else noticing. It listens on a free port of the loopback alone.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chown, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findFreePort } from '../support/free-port.ts';
import { waitUntil } from '../support/wait-until.ts';

const run = promisify(execFile);

export interface PostgresCluster {
  readonly url: string;
  /** As an operator does it: connections are cut, a checkpoint is made. */
  restart(): Promise<void>;
  /** As a power cut does it; it recovers from its log. */
  crash(): Promise<void>;
  /** Cuts every connection of the hub. */
  cutConnections(): Promise<void>;
  stop(): Promise<void>;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** undefined: this machine has no binaries of PostgreSQL, or nobody to run them as. */
export async function startPostgresCluster(folder: string): Promise<PostgresCluster | undefined> {
  const binaries = await findBinaries();
  const user = await findUser();
  if (binaries === undefined || user === null) return undefined;
  const data = join(folder, 'postgres');
  await mkdir(data, { mode: 0o700 });
  if (user) await chown(data, user.uid, user.gid);
  await run(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'tributary', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    { ...user, cwd: data },
  );
  const port = await findFreePort();
  const url = `postgres://tributary@127.0.0.1:${port}/postgres`;
  let server = await start(binaries, data, port, user, url);

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ended = new Promise((resolve) => server.once('close', resolve));
    server.kill(signal);
    await ended;
  }
  return {
    url,
    async restart() {
      await end('SIGINT');
      server = await start(binaries, data, port, user, url);
    },
    async crash() {
      // Immediate shutdown: no checkpoint, the next start recovers.
      await end('SIGQUIT');
      server = await start(binaries, data, port, user, url);
    },
    cutConnections: () =>
      ask(
        url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'tributary'`,
      ),
    stop: () => end('SIGQUIT'),
  };
}

/** `fsync` stays on: what is acknowledged must be durable, as in a hub that is used. */
async function start(
  binaries: string,
  data: string,
  port: number,
  user: User | undefined,
  url: string,
): Promise<ChildProcess> {
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: data,
    max_connections: '60',
    shared_buffers: '32MB',
    max_wal_size: '64MB',
    min_wal_size: '32MB',
    restart_after_crash: 'on',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(binaries, 'postgres'), ['-D', data, ...options], {
    ...user,
    cwd: data,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (said = (said + text).slice(-4_000)));
  const orphan = (): void => void server.kill('SIGQUIT');
  process.once('exit', orphan);
  server.once('close', () => process.off('exit', orphan));
  await waitUntil(() => ask(url, 'SELECT 1').then(() => true), {
    what: 'PostgreSQL to answer',
    describe: () => said,
  });
  return server;
}

async function ask(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'harness' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function findBinaries(): Promise<string | undefined> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newest = versions.toSorted((one, other) => Number(other) - Number(one)).at(0);
  return newest === undefined ? undefined : join(root, newest, 'bin');
}

/** PostgreSQL refuses to run as root. undefined: we are not root; null: there is nobody else. */
async function findUser(): Promise<User | undefined | null> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string): Promise<number> =>
    Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    return null;
  }
}
