// The power is cut under the embedded store: what was acknowledged is there when it comes back.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHubProcess, type HubProcess } from '../support/hub-process.ts';
import { createRandom } from '../support/random.ts';
import { cutPower, type FileOperation, type Luck } from './power-cut.ts';
import { readStore } from './read-store.ts';
import { readTrace, traceAnswers } from './trace.ts';

const slowMachine = { timeout: 240_000 };
const writeKey = 'power-cut-server-key';
const folder = mkdtempSync(join(tmpdir(), 'tributary-power-'));
const store = join(folder, 'store');
const database = join(store, 'database');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = JSON.stringify({
  tributary: 1,
  hub: { name: 'power', store: { folder: store } },
  purposes: { email_marketing: 'News' },
  audiences: { buyers: { title: 'Buyers', rule: { event: 'Order Completed' } } },
  sources: {
    web: {
      plugin: '@tributary/source-http',
      settings: { writeKeys: [{ key: '${POWER_KEY}', kind: 'server' }] },
    },
  },
});

function message(messageId: string): object {
  const properties = { one: messageId, two: messageId, three: messageId };
  return {
    type: 'track',
    messageId,
    userId: `u${messageId}`,
    event: 'Order Completed',
    properties,
  };
}

const environment: Record<string, string> = { POWER_KEY: writeKey };
let hub: HubProcess;
beforeAll(async () => {
  hub = await createHubProcess({ config, environment, writeKey });
}, 60_000);
afterAll(() => hub.dispose());

function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-f', '-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('skipped: strace is not available on this machine, or may not trace');
    return false;
  }
}

describe.skipIf(!hasStrace())('traced', () => {
  test('no answer leaves before its record is synced', slowMachine, async () => {
    await hub.start();
    await hub.send([message('first')]);
    const file = join(folder, 'trace');
    const calls = 'trace=fsync,fdatasync,write,pwrite64,pwritev,writev,sendto,sendmsg';
    const options = ['-f', '-y', '-qq', '-s', '70000', '-e', calls, '-o', file];
    const strace = spawn('strace', [...options, '-p', String(hub.pid)], { stdio: 'ignore' });
    await sleep(1_500);
    const tokens = Array.from({ length: 25 }, (_, place) => `token${place}of25end`);
    for (const token of tokens) await hub.send([message(token)]);
    const over = once(strace, 'close');
    strace.kill('SIGINT');
    await over;
    await hub.stop();

    const answers = traceAnswers(readTrace(readFileSync(file, 'utf8')), tokens);
    const late = answers.filter(({ written, synced, answered }) => {
      if (written === undefined || synced === undefined || answered === undefined) return true;
      return synced > answered;
    });
    expect(late).toEqual([]);
    expect(answers).toHaveLength(25);
  });
});

interface Recording {
  /** Everything synced. */
  readonly base: string;
  readonly operations: readonly FileOperation[];
  /** How many operations there were by then, at most. */
  readonly acknowledged: readonly { readonly id: string; readonly after: number }[];
}

/** Two lives: one that ends in order, with a checkpoint, and one that is killed. */
async function recordLives(): Promise<Recording> {
  const base = join(folder, 'base');
  const log = join(folder, 'operations');
  delete environment['NODE_OPTIONS'];
  await hub.start();
  await hub.stop();
  cpSync(database, base, { recursive: true });
  const recorder = fileURLToPath(new URL('record-files.ts', import.meta.url));
  environment['NODE_OPTIONS'] = `--import=${recorder}`;
  environment['TRIBUTARY_RECORD_FILES'] = `${database}\n${log}`;
  const acknowledged: { id: string; bytes: number }[] = [];
  for (const life of ['stopped', 'killed']) {
    await hub.start();
    for (let turn = 0; turn < 12; turn += 1) {
      const ids = Array.from({ length: 1 + (turn % 3) }, (_, place) => `${life}${turn}n${place}`);
      await hub.send(ids.map(message));
      const { size } = statSync(log);
      acknowledged.push(...ids.map((id) => ({ id, bytes: size })));
    }
    if (life === 'stopped') await hub.stop();
    else await hub.kill();
  }
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  const ends: number[] = [];
  for (const line of lines) ends.push((ends.at(-1) ?? 0) + Buffer.byteLength(line) + 1);
  return {
    base,
    operations: lines.map((line) => JSON.parse(line) as FileOperation),
    acknowledged: acknowledged.map(({ id, bytes }) => ({
      id,
      after: ends.filter((end) => end <= bytes).length,
    })),
  };
}

/** Ids that were acknowledged before the cut and are not there after it. */
async function lostAfter(
  { base, operations, acknowledged }: Recording,
  count: number,
  luck: Luck,
): Promise<string[]> {
  const cut = join(folder, 'cut');
  rmSync(cut, { recursive: true, force: true });
  mkdirSync(cut);
  cutPower(base, join(cut, 'database'), operations.slice(0, count), luck);
  const { events } = await readStore({ folder: cut });
  const found = new Set(events.map(({ messageId }) => messageId));
  return acknowledged
    .filter(({ id, after }) => after <= count && !found.has(id))
    .map(({ id }) => id);
}

test('a cut at any moment, whatever the cache kept, loses nothing', slowMachine, async () => {
  const recording = await recordLives();
  const { operations, acknowledged } = recording;
  expect(operations.filter(({ kind }) => kind === 'sync').length).toBeGreaterThan(24);
  const random = createRandom(9);
  const all = operations.length;
  expect(await lostAfter(recording, all, 'worst')).toEqual([]);
  const first = acknowledged[0]?.after ?? 0;
  for (let cut = 0; cut < 5; cut += 1) {
    const count = first + random.below(all - first);
    expect({ count, lost: await lostAfter(recording, count, random) }).toEqual({ count, lost: [] });
  }

  // A database that never asked for a sync would not have come through.
  const careless = { ...recording, operations: operations.filter(({ kind }) => kind !== 'sync') };
  const lost = await lostAfter(
    { ...careless, acknowledged: acknowledged.map((one) => ({ ...one, after: 0 })) },
    careless.operations.length,
    'worst',
  );
  expect(lost.length).toBe(acknowledged.length);
});
