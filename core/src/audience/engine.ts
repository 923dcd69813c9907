// The audience room's door: keeps memberships and computed traits right as events arrive, as time
// passes and as config changes, and answers who is in an audience.
import type { HubConfig } from '../config/hub-config.ts';
import type { Queryable, Store, Transaction } from '../store/store.ts';
import { compileAudiences } from './audience-set.ts';
import { evaluateProfiles } from './evaluate-profiles.ts';
import type { EvaluationBatch, EvaluationReport, EvaluationScope } from './evaluate-profiles.ts';
import { explainRule } from './explain-rule.ts';
import type { RootExplanation } from './explain-rule.ts';
import { computeSlice, createScopes, installDefinitions } from './install.ts';
import type { InstallReport } from './install.ts';
import { selectDue } from './plans.ts';
import { membersOf, previewRule, sizeOf } from './read.ts';
import type { Member, MembersPage, Preview } from './read.ts';
import type { AudienceSettings, Rule } from './rule.ts';
import { createSliceSize, createSliceSizes } from './slice-size.ts';

export interface AudienceEngineOptions {
  readonly config: Pick<HubConfig, 'audiences' | 'profile'>;
  /** Takes the next change number and holds its row: evaluations take turns. */
  readonly takeChange: (transaction: Transaction) => Promise<number>;
  /** Measures how long slices take; milliseconds, any origin. */
  readonly clock: () => number;
}

export interface AudienceEngine {
  /** Evaluates profiles of a batch, in its transaction, after `takeChange` gave `change`. */
  evaluate(transaction: Transaction, batch: EvaluationBatch): Promise<EvaluationReport>;
  /** Evaluates what time alone may have changed, until nothing is due. Default cause: `time`. */
  tick(store: Store, now: number, cause?: 'time' | 'rebuild'): Promise<TickReport>;
  /** At start, before anything is resolved: notices what config changed. `everything`: compute all anew. */
  install(store: Store, options?: { readonly everything?: boolean }): Promise<InstallReport>;
  /** One slice of what is to be computed in full. @returns true when nothing is left. */
  compute(store: Store, now: number, cause?: 'baseline' | 'rebuild'): Promise<boolean>;
  /** Members in the order of their profile ids. */
  membersOf(q: Queryable, audience: string, now: number, page: MembersPage): Promise<Member[]>;
  sizeOf(q: Queryable, audience: string, now: number): Promise<number>;
  /** Why the profile is a member at `now`, or is not; undefined where there is no such profile. */
  explain(
    q: Queryable,
    audience: string,
    profileId: string,
    now: number,
  ): Promise<RootExplanation | undefined>;
  /** How many would meet this rule. */
  preview(store: Store, rule: Rule, now: number): Promise<Preview>;
}

export interface TickReport {
  /** Profiles evaluated. */
  readonly evaluated: number;
  readonly changed: ReadonlySet<string>;
}

/** Profiles evaluated in one transaction of a tick. */
const dueAtOnce = 200;

export function createAudienceEngine(options: AudienceEngineOptions): AudienceEngine {
  const { config, takeChange, clock } = options;
  const { audiences } = config;
  const set = compileAudiences(audiences, [...config.profile.computed.values()]);
  const names = audiences.map(({ name }) => name);
  const whole: EvaluationScope = { set, audiences: names, computed: true, whole: true };
  const scopeOf = createScopes(set);
  const sizeOfSlices = createSliceSizes();
  return {
    evaluate: (transaction, batch) => evaluateProfiles(transaction, whole, batch),
    tick: (store, now, cause = 'time') => tick(store, whole, { now, cause }, takeChange),
    install: (store, { everything = false } = {}) => installDefinitions(store, set, everything),
    compute: async (store, now, cause = 'baseline') => {
      const started = clock();
      const size = sizeOfSlices(store);
      const sliceSize = size.current();
      const done = await computeSlice(store, set, { cause, now, sliceSize, takeChange, scopeOf });
      size.took(clock() - started);
      return done;
    },
    membersOf: (q, name, now, page) => membersOf(q, audiences, find(audiences, name), now, page),
    sizeOf: (q, name, now) =>
      sizeOf(q, audiences, find(audiences, name), now, {
        size: createSliceSize('embedded'),
        clock,
      }),
    explain: (q, name, profileId, now) =>
      explainRule(q, audiences, find(audiences, name).rule, profileId, now),
    preview: (store, rule, now) =>
      previewRule(store, audiences, rule, now, {
        size: createSliceSize(store.kind),
        clock,
        lane: 'background',
      }),
  };
}

type Moment = Pick<EvaluationBatch, 'now' | 'cause'>;

async function tick(
  store: Store,
  scope: EvaluationScope,
  moment: Moment,
  takeChange: AudienceEngineOptions['takeChange'],
): Promise<TickReport> {
  const changed = new Set<string>();
  let evaluated = 0;
  for (;;) {
    const report = await tickSlice(store, scope, moment, takeChange);
    if (report === undefined) return { evaluated, changed };
    evaluated += report.evaluated;
    for (const id of report.changed) changed.add(id);
  }
}

async function tickSlice(
  store: Store,
  scope: EvaluationScope,
  moment: Moment,
  takeChange: AudienceEngineOptions['takeChange'],
): Promise<TickReport | undefined> {
  const at = new Date(moment.now).toISOString();
  const someone = await store.query('resolve', selectDue, [at, 1]);
  if (someone.length === 0) return undefined;
  return store.transaction('resolve', async (transaction) => {
    const change = await takeChange(transaction);
    const due = await transaction.query<{ id: string }>(selectDue, [at, dueAtOnce]);
    const touched = new Set(due.map(({ id }) => id));
    const report = await evaluateProfiles(transaction, scope, {
      touched,
      vanished: new Set(),
      origins: new Map(),
      ...moment,
      change,
    });
    return { evaluated: touched.size, changed: report.changed };
  });
}

function find(audiences: readonly AudienceSettings[], name: string): AudienceSettings {
  const found = audiences.find((audience) => audience.name === name);
  if (found !== undefined) return found;
  throw new Error(
    `AUDIENCE_UNKNOWN: audience ${JSON.stringify(name.slice(0, 100))}: found no such audience, expected one of config. Check the name.`,
  );
}
