// Would the harness notice? Each of these bugs is planted into a hub in turn and has to be caught by the
// lives that are made for it; without a bug the same lives pass.
import { expect, test } from 'vitest';
import type { Life } from './lives.ts';
import { runFaults, type Figures } from './run.ts';

/** A life that ends before its place is reached shows nothing: it is lived again. */
const slowMachine = { timeout: 300_000, retry: 2 };

function life(at: string | undefined, nth = 1): Life {
  const place = at === undefined ? undefined : { at, nth };
  // With a place, the time is reached only on a machine that has much else to do.
  const afterMs = place === undefined ? 4_000 : 20_000;
  return { place, way: 'run', afterMs, trouble: { kind: 'none' } };
}

interface Case {
  readonly bug: string;
  readonly lives: readonly Life[];
  /** What must be complained of. */
  readonly words: RegExp;
}

const cases: readonly Case[] = [
  {
    bug: 'checkpoint-first',
    lives: [life('intake-checkpoint:before', 2), life('intake-checkpoint:before', 4)],
    words: /^lost: /,
  },
  {
    bug: 'acknowledged-first',
    lives: [life('intake:before', 6), life('intake-stops:before', 4)],
    words: /^lost: |without a live grant|missing|too many/,
  },
  {
    bug: 'gate-skipped',
    lives: [life('call-over', 15), life('settle-event:after', 8)],
    words: /without a live grant/,
  },
  {
    bug: 'doubt-forgotten',
    lives: [life('call-over', 2), life('settle-state:before', 2)],
    words: /too many|missing|balance/,
  },
  {
    bug: 'mail-repeated',
    lives: [life('settle-action:before'), life('settle-action:before')],
    words: /mails to/,
  },
  {
    bug: 'seen-forgotten',
    lives: [life('answer-due', 4), life('intake:after', 5)],
    words: /times in the log/,
  },
  {
    bug: 'cursor-first',
    lives: [life('resolve:during', 6), life('resolve:before', 7)],
    words: /missing|are counted|too many|differ/,
  },
  { bug: 'books-forgotten', lives: [life(undefined)], words: /does not balance/ },
];

function run(bug: string | undefined, lives: readonly Life[]): Promise<Figures> {
  return runFaults({
    store: 'embedded',
    seed: 7,
    kills: lives.length,
    lives,
    mostPeople: 40,
    settleWithinMs: bug === undefined ? 60_000 : 8_000,
    ...(bug === undefined ? {} : { bug }),
  });
}

/** Three in each run of the tests; `npm run fault -- --bug NAME` shows any. */
const inShort = new Set(['checkpoint-first', 'gate-skipped', 'acknowledged-first']);

test.each(cases.filter(({ bug }) => inShort.has(bug) || process.env['FAULT_ALL_BUGS'] === '1'))(
  'the bug $bug is caught',
  slowMachine,
  async ({ bug, lives, words }) => {
    const { complaints } = await run(bug, lives);
    expect(complaints).toEqual(expect.arrayContaining([expect.stringMatching(words)]));
  },
);
