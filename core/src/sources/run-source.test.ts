// A source is driven through what goes wrong around it: intake that is full, a vendor that hangs up.
import { expect, test } from 'vitest';
import {
  defineSource,
  PluginError,
  type Clock,
  type Receipt,
  type SourcePage,
} from '@tributary/sdk';
import { createTestClock, createTestContext } from '@tributary/sdk/testing';
import { testSource } from '../../../test/support/settings.ts';
import { IntakeBusyError, type Intake } from '../intake/intake.ts';
import type { Store } from '../store/store.ts';
import { runSource } from './run-source.ts';
import type { SourceInstance } from './source-instance.ts';
import { createSourceTally } from './tally.ts';

const minute = 60_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const empty = { query: () => Promise.resolve([]) } as Partial<Store> as Store;
const record = { type: 'track', event: 'x', identifiers: [] } as const;
const none: Receipt = { accepted: 0, duplicates: 0, quarantined: [] };

interface Play {
  readonly how: 'pull' | 'stream';
  readonly pages: () => AsyncIterable<SourcePage>;
  readonly submit: Intake['submit'];
  readonly clock?: Clock;
  readonly ending?: AbortController;
  readonly warn?: (text: string) => void;
  readonly check?: () => Promise<void>;
}

function play(given: Play): Promise<void> {
  const { how, pages, submit, clock = createTestClock(), ending, warn = silent.warn } = given;
  const definition = defineSource({
    name: 'test',
    title: 'Test',
    settings: { type: 'object', properties: {}, additionalProperties: false },
    [how]: pages,
    ...(given.check && { check: given.check }),
  });
  const settings = testSource('shop', { pullEveryMs: minute });
  const context = createTestContext({ settings: {} });
  const instance = { settings, definition, context, connection: undefined } as SourceInstance;
  return runSource(instance, createSourceTally('shop'), {
    store: empty,
    intake: { submit } as Partial<Intake> as Intake,
    clock,
    random: () => 1,
    log: { ...silent, warn },
    signal: (ending ?? new AbortController()).signal,
    secrets: [],
  });
}

test.each(['before', 'while'] as const)(
  'a source that is stopped %s it waits for intake ends, and holds up nobody',
  async (when) => {
    const ending = new AbortController();
    const clock = createTestClock();
    let tries = 0;
    const submit = (): Promise<Receipt> => {
      tries += 1;
      if (tries > 100) throw new Error('it never stops asking');
      if (when === 'before') ending.abort(new Error('the source is stopped'));
      else setImmediate(() => ending.abort(new Error('the source is stopped')));
      return Promise.reject(new IntakeBusyError(1, 1));
    };
    async function* pages(): AsyncGenerator<SourcePage> {
      yield { records: [record], checkpoint: 1 };
    }
    await play({ how: 'pull', pages, submit, clock, ending });
    expect(tries).toBe(1);
  },
);

/** Waits between the runs of a stream that fails each time. */
async function waitsOf(
  runs: number,
  run: (clock: Clock) => AsyncGenerator<SourcePage>,
  receipt: Receipt,
): Promise<number[]> {
  const ending = new AbortController();
  const inner = createTestClock({ sleeps: 'pass' });
  const waits: number[] = [];
  const clock: Clock = {
    now: inner.now,
    async sleep(milliseconds, signal) {
      // A bound on the plugin's end is no wait.
      if (signal === ending.signal) waits.push(milliseconds);
      if (waits.length === runs) ending.abort();
      await inner.sleep(milliseconds, signal);
    },
  };
  const submit = (): Promise<Receipt> => Promise.resolve(receipt);
  await play({ how: 'stream', pages: () => run(inner), submit, clock, ending });
  return waits;
}

test('a stream that breaks off after it brought something is begun anew at once, however often', async () => {
  async function* run(): AsyncGenerator<SourcePage> {
    yield { records: [record] };
    throw new Error('connection lost');
  }
  expect(await waitsOf(4, run, { ...none, accepted: 1 })).toEqual([2_000, 2_000, 2_000, 2_000]);
});

test('so is one that had nothing to bring for long', async () => {
  async function* run(clock: Clock): AsyncGenerator<SourcePage> {
    await clock.sleep(6 * minute);
    yield { records: [] };
    throw new Error('connection lost');
  }
  expect(await waitsOf(3, run, none)).toEqual([2_000, 2_000, 2_000]);
});

test('one that fails over and over is tried ever more seldom', async () => {
  async function* run(): AsyncGenerator<SourcePage> {
    yield { records: [record] }; // known already
    throw new Error('connection lost');
  }
  const known = { ...none, duplicates: 1 };
  expect(await waitsOf(4, run, known)).toEqual([2_000, 4_000, 8_000, 16_000]);
});

test.each([
  ['a place that cannot be stored', 'a\u0000', /CHECKPOINT_UNSTORABLE: source shop: found/],
  ['half of a character', '\ud800', /CHECKPOINT_UNSTORABLE/],
  ['data in place of a place', 'x'.repeat(70_000), /CHECKPOINT_TOO_LARGE/],
])('%s is refused before it is handed in', async (_, checkpoint, message) => {
  const ending = new AbortController();
  const said: string[] = [];
  let tries = 0;
  async function* pages(): AsyncGenerator<SourcePage> {
    yield { records: [], checkpoint };
  }
  const submit = (): Promise<Receipt> => {
    tries += 1;
    return Promise.resolve(none);
  };
  const warn = (text: string): void => {
    said.push(text);
    ending.abort();
  };
  await play({ how: 'pull', pages, submit, ending, warn });
  expect(tries).toBe(0);
  expect(said).toEqual([expect.stringMatching(message)]);
});

/** The credentials are refused until `check` was asked so often. Returns the waits from each time to the next. */
async function asks(before: number, check: () => Promise<void>): Promise<number[]> {
  const ending = new AbortController();
  const inner = createTestClock({ sleeps: 'pass' });
  const waits: number[] = [];
  let asked = 0;
  const clock: Clock = {
    now: inner.now,
    async sleep(milliseconds, signal) {
      waits.push(milliseconds);
      await inner.sleep(milliseconds, signal);
    },
  };
  async function* pages(): AsyncGenerator<SourcePage> {
    waits.length = 0;
    if (asked < before) throw new PluginError('auth', 'the token is not valid any more');
    yield { records: [record], checkpoint: 1 };
  }
  const submit = (): Promise<Receipt> => {
    ending.abort();
    return Promise.resolve({ ...none, accepted: 1 });
  };
  const asking = (): Promise<void> => {
    asked += 1;
    told.push(...waits.splice(0));
    return check();
  };
  const told: number[] = [];
  await play({ how: 'pull', pages, submit, clock, ending, check: asking });
  return told.filter((milliseconds) => milliseconds === 5 * minute);
}

test('a source whose credentials were refused goes on once they are good, and asks every five minutes', async () => {
  let tries = 0;
  const check = (): Promise<void> => {
    tries += 1;
    return tries < 3 ? Promise.reject(new PluginError('auth', 'still not')) : Promise.resolve();
  };
  expect(await asks(3, check)).toEqual([5 * minute, 5 * minute, 5 * minute]);
});

test('one whose check never ends is asked again', async () => {
  let tries = 0;
  const check = (): Promise<void> => {
    tries += 1;
    return tries < 2 ? new Promise<void>(() => {}) : Promise.resolve();
  };
  expect(await asks(2, check)).toEqual([5 * minute, 5 * minute]);
});

test('one that is stopped meanwhile ends', async () => {
  const ending = new AbortController();
  const pages = (): never => {
    setImmediate(() => ending.abort());
    throw new PluginError('auth', 'the token is not valid any more');
  };
  const submit = (): Promise<Receipt> => Promise.resolve(none);
  const check = (): Promise<void> => Promise.reject(new Error('it is not asked'));
  await play({ how: 'pull', pages, submit, ending, check });
  expect(ending.signal.aborted).toBe(true);
});
