// What delivery works with, from the ground that a hub stands on and a config.
import { createRedactor, type Clock, type PluginLogger } from '@tributary/sdk';
import type { LoadedConfig } from '../config/load-config.ts';
import type { ConsentReader } from '../consent/read.ts';
import { stopped } from '../consent/stop.ts';
import { rememberHandedOut } from '../identity/find.ts';
import type { Store } from '../store/store.ts';
import type { DispatchLatch } from './dispatch-latch.ts';
import type { DeliverySettings } from './instance-worlds.ts';
import type { EventReader } from './world.ts';
import { createDeliveryAudit } from './write-audit.ts';

export interface DeliveryGround {
  readonly store: Store;
  /** Whose statements pass only while this process is the one that works. */
  readonly duty: { readonly store: Store };
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: PluginLogger;
  readonly latch: DispatchLatch;
  readonly readEvents: EventReader;
  readonly tracing: DeliverySettings['tracing'];
  /** Where the store came from a backup. */
  readonly restored?: { readonly restoredAt: number } | undefined;
}

export function deliverySettings(
  { store, duty, clock, random, log, latch, readEvents, tracing, restored }: DeliveryGround,
  { config, secrets }: LoadedConfig,
  plugins: DeliverySettings['plugins'],
  consent: ConsentReader,
): DeliverySettings {
  return {
    store,
    workStore: duty.store,
    clock,
    random,
    log,
    latch,
    readEvents,
    tracing,
    config,
    plugins,
    consent,
    stopped,
    audit: createDeliveryAudit(clock.now),
    handOut: (transaction, profileIds) => rememberHandedOut(transaction, profileIds, clock.now()),
    redact: createRedactor(secrets),
    restoredAt: restored?.restoredAt,
  };
}
