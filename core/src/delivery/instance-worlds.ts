// From a config and opened plugins to what each destination instance works with, and whether that is
// still the same after config has changed.
import { isDeepStrictEqual } from 'node:util';
import type { HubConfig } from '../config/hub-config.ts';
import type { Store } from '../store/store.ts';
import { createGuardMemory } from './guard-memory.ts';
import { createTraffic } from './send/traffic.ts';
import {
  limitsOf,
  type DeliveryWorld,
  type InstanceWorld,
  type LoadedDestination,
} from './world.ts';

export interface DeliverySettings extends Omit<DeliveryWorld, 'identity' | 'profile'> {
  readonly config: Pick<HubConfig, 'destinations' | 'identity' | 'profile'>;
  /** Opened plugins by instance id; an instance without one is not run. */
  readonly plugins: ReadonlyMap<string, LoadedDestination>;
  /** What the loops write through, where that is not `store`: it refuses once another process delivers. */
  readonly workStore?: Store;
}

/** All but the signal, which belongs to whoever runs it. */
export type InstanceSetup = Omit<InstanceWorld, 'signal'> & { readonly workStore: Store };

/** Of all that are enabled and open. */
export function createInstanceWorlds({
  config,
  plugins,
  workStore,
  ...shared
}: DeliverySettings): InstanceSetup[] {
  const { identity, profile } = config;
  return [...config.destinations].flatMap(([id, settings]) => {
    const destination = plugins.get(id);
    if (destination === undefined || !settings.enabled) return [];
    const limits = limitsOf(destination, settings);
    const { callsPerSecond } = limits;
    const { retry } = settings;
    const traffic = createTraffic({ callsPerSecond, retry, random: shared.random });
    const guardMemory = createGuardMemory(shared.clock);
    const own = { id, settings, destination, limits, traffic, guardMemory };
    return [{ ...shared, ...own, identity, profile, workStore: workStore ?? shared.store }];
  });
}

/** As they would be, for whoever asks what would be planned: none of them is run. */
export function createPreviewWorlds(settings: DeliverySettings): InstanceWorld[] {
  const { signal } = new AbortController();
  return createInstanceWorlds(settings).map((setup) => ({ ...setup, signal }));
}

type Shared = Omit<InstanceSetup, 'workStore'>;

/** The same connection, settings and rules: whoever works in the one may go on for the other. */
export function isSameWorld(left: Shared, right: Shared): boolean {
  return (
    left.destination.connection === right.destination.connection &&
    left.destination.context === right.destination.context &&
    left.consent === right.consent &&
    isDeepStrictEqual(left.identity, right.identity) &&
    isDeepStrictEqual(left.settings, right.settings) &&
    isDeepStrictEqual(left.profile.primary, right.profile.primary)
  );
}
