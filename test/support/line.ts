// The hub's line from intake to audience, without plugins, processes or timers: a test hands records in,
// lets it resolve, and looks.
import type { HubConfig } from '../../core/src/config/hub-config.ts';
import { createAudienceEngine, type AudienceEngine } from '../../core/src/audience/engine.ts';
import { appendAudit } from '../../core/src/audit/append.ts';
import { createIntake, type Intake } from '../../core/src/intake/intake.ts';
import type { SourceInstanceSettings } from '../../core/src/intake/settings.ts';
import { takeChange } from '../../core/src/resolve/change.ts';
import { createResolver, type Resolver } from '../../core/src/resolve/resolver.ts';
import type { ResolveRoom } from '../../core/src/resolve/room.ts';
import type { StandardiseSettings } from '../../core/src/standardise/standardise.ts';
import type { DeploymentKeys } from '../../core/src/standardise/keys.ts';
import type { Store } from '../../core/src/store/store.ts';
import { testBounds, testKeys, testSettings } from './settings.ts';

export interface Line {
  readonly intake: Intake;
  readonly resolver: Resolver;
  readonly audiences: AudienceEngine;
  readonly room: ResolveRoom;
  /** The clock; tests move it forward. */
  time: { now: number };
  /** Hands records of one source in, received now, in one request. */
  accept(source: string, records: readonly unknown[]): Promise<void>;
  resolve(): Promise<void>;
}

export interface LineOptions {
  readonly settings?: Partial<StandardiseSettings>;
  readonly audiences?: HubConfig['audiences'];
  readonly now: number;
  readonly batchEvents?: number;
  /** Who was erased is kept out at intake. Default false: the folds must hold whatever is in the log. */
  readonly keepsOut?: boolean;
  /** One of the same store, sources and namespaces: making one compiles its schemas. */
  readonly intake?: Intake;
  /** Default: `testKeys`. */
  readonly keys?: DeploymentKeys;
}

export async function createLine(store: Store, options: LineOptions): Promise<Line> {
  const settings = testSettings(options.settings);
  const time = { now: options.now };
  const keys = options.keys ?? testKeys;
  const audiences = createAudienceEngine({
    config: { audiences: options.audiences ?? [], profile: settings.profile },
    takeChange,
    clock: () => performance.now(),
  });
  await audiences.install(store);
  while (!(await audiences.compute(store, time.now)));
  const intake =
    options.intake ??
    createIntake({
      store,
      bounds: testBounds,
      settings,
      keys,
      keepsOut: options.keepsOut ?? false,
      onCommitted: async () => undefined,
    });
  const room: ResolveRoom = {
    settings,
    keys,
    audiences,
    evaluate: true,
    appendAudit,
    now: () => time.now,
    justCommitted: intake.justCommitted,
  };
  const resolver = createResolver({
    store,
    room,
    isPassing: () => true,
    ...(options.batchEvents === undefined ? {} : { batchEvents: options.batchEvents }),
  });
  return {
    intake,
    resolver,
    audiences,
    room,
    time,
    async accept(source, records) {
      const instance = settings.sources.get(source) as SourceInstanceSettings;
      const receipt = await intake.submit({ source: instance, records, receivedAt: time.now });
      const [refused] = receipt.quarantined;
      if (refused) throw new Error(`record ${refused.index}: ${refused.message}`);
    },
    async resolve() {
      await resolver.drain();
      await audiences.tick(store, time.now);
    },
  };
}
