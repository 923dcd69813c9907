// The benchmark of ingest with sizes that say nothing about speed: it runs, and it proves that what it
// measured did happen.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hasService } from '../support/services.ts';
import { readOptions } from './ingest/options.ts';
import { summarise } from './ingest/summary.ts';

const bench = fileURLToPath(new URL('ingest.ts', import.meta.url));
const latency = { p50: expect.any(Number), p99: expect.any(Number) };
const figures = {
  eventsPerSecond: expect.any(Number),
  acknowledgedPerSecond: expect.any(Number),
  bytesPerEvent: expect.any(Number),
  acknowledgedMs: latency,
  membershipMs: latency,
};

interface Output {
  readonly measurements: readonly { readonly proof: { members: number; expected: number } }[];
}

const small = ['--profiles', '20', '--batch', '20', '--rate', '300', '--rate-seconds', '1'];

async function run(...args: readonly string[]): Promise<Output> {
  const command = ['--conditions=tributary-source', bench, ...small, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  const output: unknown = JSON.parse(stdout);
  return output as Output;
}

/** Milliseconds: it starts hubs, and makes no claim of how fast a machine is. */
const timeout = 240_000;

describe('the benchmark of ingest', () => {
  it('measures the embedded store', { timeout }, async () => {
    const { measurements } = await run('--store', 'embedded', '--events', '120', '--rounds', '2');
    expect(measurements).toMatchObject([
      {
        store: 'embedded',
        profiles: 20,
        fullSpeed: { ...figures, events: 120, ratio: expect.any(Number) },
        atRate: { ...figures, offeredPerSecond: 300, events: 300, whileComputing: false },
        peakMemoryMb: expect.any(Number),
      },
    ]);
    const proof = measurements[0]?.proof;
    expect(proof?.expected).toBeGreaterThan(0);
    expect(proof?.members).toBe(proof?.expected);
  });

  it('measures PostgreSQL while audiences are computed', { timeout }, async () => {
    if (!(await hasService('postgres'))) return;
    const { measurements } = await run('--store', 'postgresql', '--computing', '--gzip');
    expect(measurements).toMatchObject([{ store: 'postgresql', atRate: { events: 300 } }]);
  });

  it('refuses words that it does not know', () => {
    expect(() => readOptions(['--store', 'floppy'])).toThrow(
      /floppy.*embedded, postgresql or both/,
    );
    expect(() => readOptions(['--events', 'many'])).toThrow(/--events: found "many"/);
  });

  it('takes an event as done when resolve has come to its number', () => {
    const load = {
      dueAt: [0, 10],
      ackedAt: [5, 30],
      sizes: [2, 2],
      bytes: 400,
      repeated: 0,
      buyers: [],
    };
    const numbers: [number, number, number][] = [
      [1, 0, 2],
      [1, 1, 4],
    ];
    const resolved = [
      { upTo: 3, at: 40 },
      { upTo: 4, at: 100 },
    ];
    expect(summarise([{ load, numbers }], resolved)).toMatchObject({
      events: 4,
      eventsPerSecond: 40,
      acknowledgedPerSecond: 133,
      bytesPerEvent: 100,
      acknowledgedMs: { p50: 5, p99: 20 },
      membershipMs: { p50: 40, p99: 90 },
    });
  });
});
