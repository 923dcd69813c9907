// What operators ask of a running hub's config: what would a changed one do, and take it up.
import type { LoadedConfig } from '../config/load-config.ts';
import { appendAudit } from '../audit/append.ts';
import { countLog } from '../resolve/count-log.ts';
import type { FoldProgress } from '../resolve/create-line.ts';
import type { ConfigSource } from './config-source.ts';
import { findDrift } from './drift.ts';
import type { Generation } from './generation.ts';
import { makePlan, type PlanWorld } from './make-plan.ts';
import { defaultTolerance, isSealed, type ChangePlan, type Tolerance } from './plan.ts';
import type { ChangeReport, Reconfigure } from './reconfigure.ts';
import { drifted, edited } from './refused.ts';
import { createTurns } from './turns.ts';

export interface PlanRequest {
  /** In place of the hub's own file. */
  readonly text?: string | undefined;
  /** What problems call the text. */
  readonly name?: string | undefined;
  readonly tolerance?: Tolerance | undefined;
}

export interface ChangeState {
  /** Keyed hash of the config that the hub goes by. */
  readonly config: string;
  /** People are being made anew from the log: how far that is. */
  readonly peopleAnew: FoldProgress | undefined;
}

export interface Changes {
  /** Throws ConfigError. Writes nothing. */
  plan(request: PlanRequest): Promise<ChangePlan>;
  /**
   * Takes up the hub's own config file as it is now. With a plan, only if that holds still. Throws
   * ConfigError and ChangeRefused; the hub runs on as it was then.
   */
  apply(plan: ChangePlan | undefined, actor: string): Promise<ChangeReport>;
  /** Makes people anew from the log. Throws ChangeRefused. @returns the events of the log. */
  rebuild(actor: string, onProgress: (done: number, all: number) => void): Promise<number>;
  state(): ChangeState;
}

export interface ChangesWorld extends PlanWorld {
  readonly source: ConfigSource;
  readonly reconfigure: Reconfigure;
  current(): Generation;
}

export function createChanges(world: ChangesWorld): Changes {
  const { source, reconfigure } = world;
  // One after the other: each asks everybody.
  const planInTurn = createTurns();
  // A file that is read in its turn is never older than what an earlier change has taken up.
  const applyInTurn = createTurns();

  const planOf = (next: LoadedConfig, tolerance: Tolerance): Promise<ChangePlan> =>
    makePlan(world, world.current(), next, tolerance);

  async function apply(planned: ChangePlan | undefined, actor: string): Promise<ChangeReport> {
    const next = await source.read();
    if (!planned) return reconfigure.apply(next, actor);
    const now = await planInTurn(() => planOf(next, planned.tolerance));
    const drift = findDrift(planned, now);
    if (drift.length > 0) throw drifted(drift);
    return reconfigure.apply(next, actor, planned.running);
  }

  return {
    plan: ({ text, name = 'config', tolerance = defaultTolerance }) =>
      planInTurn(async () => {
        const next = await (text === undefined ? source.read() : source.readText(text, name));
        return planOf(next, tolerance);
      }),
    async apply(planned, actor) {
      if (planned && !isSealed(planned)) throw edited();
      return applyInTurn(() => apply(planned, actor));
    },
    async rebuild(actor, onProgress) {
      const { store, clock } = world;
      const entry = { kind: 'store.rebuild_asked', at: clock.now(), actor } as const;
      await store.transaction('background', (transaction) => appendAudit(transaction, [entry]));
      await reconfigure.rebuild(({ done, all }) => onProgress(done, all));
      return countLog(store);
    },
    state() {
      const { fingerprint, folding } = world.current();
      return { config: fingerprint, peopleAnew: folding() };
    },
  };
}
