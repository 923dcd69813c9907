// From two configs to a plan.
import type { LoadedConfig } from '../config/load-config.ts';
import { countLog } from '../resolve/count-log.ts';
import type { Pace } from '../resolve/pace.ts';
import { previewAgeing } from '../retention/preview-ageing.ts';
import { rulesChanged } from '../resolve/rules-of-folding.ts';
import { withInternalSource } from '../sources/internal-source.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import { compareConfigs } from './compare-configs.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Generation } from './generation.ts';
import { measureEffects, type EffectWorld } from './measure-effects.ts';
import { sealPlan, type ChangePlan, type Tolerance } from './plan.ts';
import { restartNeeded } from './restart-needed.ts';

export interface PlanWorld extends EffectWorld {
  readonly keys: DeploymentKeys;
  readonly pace: Pace;
}

export async function makePlan(
  world: PlanWorld,
  before: Generation,
  next: LoadedConfig,
  tolerance: Tolerance,
): Promise<ChangePlan> {
  const { store, keys, pace, clock } = world;
  const difference = compareConfigs(before.loaded.config, next.config);
  const effects = await measureEffects(world, before.loaded, next, difference);
  const anew = await rulesChanged(store, withInternalSource(next.config));
  const events = anew ? await countLog(store) : 0;
  const ageing = await previewAgeing(store, before.loaded.config, next.config, clock.now());
  return sealPlan({
    madeAt: new Date(clock.now()).toISOString(),
    running: before.fingerprint,
    next: fingerprintOf(next.config, keys),
    restart: restartNeeded(before.loaded.config, next.config),
    ...difference,
    ...(anew && {
      peopleAnew: { events, seconds: Math.ceil(events / pace.eventsPerSecond()) },
    }),
    moves: effects.audiences,
    effects: effects.destinations,
    ...(ageing.length > 0 && { ageing }),
    tolerance,
  });
}
