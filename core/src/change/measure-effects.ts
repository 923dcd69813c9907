// What another config would do to audiences and destinations, found by asking the very rules and the very
// planning that would then run, over everybody, slice by slice. Nothing is written.
import type { Clock } from '@tributary/sdk';
import {
  createMembershipPreview,
  type PreviewedProfiles,
} from '../audience/preview-memberships.ts';
import { createSliceSize } from '../audience/slice-size.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { countPresent } from '../delivery/count-present.ts';
import { createDestinationPreviewer } from '../delivery/preview-destination.ts';
import type { InstanceWorld } from '../delivery/world.ts';
import type { Queryable, Store } from '../store/store.ts';
import type { ConfigDifference } from './compare-configs.ts';
import { createAudienceTally, type AudienceEffect } from './audience-tally.ts';
import { describeDestination, type DestinationEffect } from './destination-effect.ts';
import { createPreviewReads } from './preview-reads.ts';

export interface EffectWorld {
  readonly store: Store;
  readonly clock: Clock;
  /** What each destination instance of a config would work with, unopened. */
  previewWorlds(loaded: LoadedConfig): readonly InstanceWorld[];
}

export interface Effects {
  readonly audiences: readonly AudienceEffect[];
  readonly destinations: readonly DestinationEffect[];
}

export async function measureEffects(
  world: EffectWorld,
  before: LoadedConfig,
  next: LoadedConfig,
  difference: ConfigDifference,
): Promise<Effects> {
  const { store, clock, previewWorlds } = world;
  const queryable: Queryable = { query: (...asked) => store.query('background', ...asked) };
  const now = clock.now();
  const preview = await createMembershipPreview(queryable, next.config, now, {
    size: createSliceSize(store.kind),
    clock: () => performance.now(),
  });
  const reads = createPreviewReads(preview);
  const concerned = previewWorlds(next).filter((instance) =>
    isConcerned(instance, difference, preview.evaluated),
  );
  const previewers = concerned.map((instance) => ({
    instance,
    previewer: createDestinationPreviewer(instance, queryable, reads.reads),
  }));
  const tally = createAudienceTally(before.config, next.config, preview.evaluated);
  await preview.walk(async (profiles) => {
    reads.remember(profiles);
    tally.note(profiles);
    for (const { previewer } of previewers) {
      await previewer.addProfiles(idsOf(profiles, (audiences) => previewer.concerns(audiences)));
    }
  });
  const destinations: DestinationEffect[] = [];
  for (const { instance, previewer } of previewers) {
    const found = await previewer.finish();
    destinations.push(describeDestination(instance.id, { before, next, found, instance }));
  }
  for (const id of difference.destinations.removed) {
    const leftBehind = await countPresent(queryable, id);
    destinations.push(describeDestination(id, { before, next, leftBehind }));
  }
  return { audiences: tally.effects(), destinations };
}

/** Whose lists, rules of reaching people or fields may come out otherwise. */
function isConcerned(
  { id, settings }: InstanceWorld,
  { destinations, computed, rules }: ConfigDifference,
  evaluated: ReadonlySet<string>,
): boolean {
  const { audiences, profiles } = settings;
  const named = [...audiences.map(({ audience }) => audience), profiles?.audience];
  const maps = [...audiences, ...(profiles ? [profiles] : [])].flatMap(({ traits }) => [
    ...traits.values(),
  ]);
  const recomputed = [...computed.added, ...computed.changed, ...computed.removed];
  return (
    destinations.added.includes(id) ||
    destinations.changed.includes(id) ||
    named.some((audience) => audience !== undefined && evaluated.has(audience)) ||
    maps.some((trait) => recomputed.includes(trait)) ||
    rules.some((rule) => reaching.has(rule))
  );
}

const reaching: ReadonlySet<string> = new Set(['identity', 'primary', 'purposes and consent']);

function idsOf(
  profiles: PreviewedProfiles,
  isMeant: (audiences: ReadonlySet<string>) => boolean,
): string[] {
  return [...profiles].flatMap(([id, { audiences }]) => (isMeant(audiences) ? [id] : []));
}
