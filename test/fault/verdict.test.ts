import { expect, it } from 'vitest';
import type { Figures } from './run.ts';
import { isWrong, wholeRun } from './verdict.ts';

const well: Figures = {
  store: 'embedded',
  seed: 1,
  processes: 1,
  lives: wholeRun,
  killsAtFailpoints: 39,
  killsAtRandom: 11,
  missed: 0,
  endedByThemselves: 0,
  passed: 96,
  neverPassed: [],
  passedAgainstTable: [],
  unlisted: [],
  troubles: {},
  said: 1,
  acknowledged: 1,
  logged: 1,
  owed: 1,
  people: 1,
  pushes: 1,
  mails: 0,
  auditEntries: 1,
  seconds: 1,
  complaints: [],
};

it.each<[string, Partial<Figures>, boolean]>([
  ['nothing to complain of, everywhere', {}, false],
  ['a promise that was broken', { complaints: ['m1 is lost'] }, true],
  ['a transaction without a row', { unlisted: ['resolve'] }, true],
  ['a place that nobody ever comes to', { passedAgainstTable: ['duty'] }, true],
  ['a long run that never came somewhere', { neverPassed: ['plan:before'] }, true],
  ['a short run that never came somewhere', { neverPassed: ['plan:before'], lives: 5 }, false],
  ['two processes, which share the places', { neverPassed: ['a'], processes: 2 }, false],
])('%s', (_what, change, expected) => {
  expect(isWrong({ ...well, ...change })).toBe(expected);
});
