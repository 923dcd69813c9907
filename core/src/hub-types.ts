// What a hub is to whoever starts one.
import type { OpenTracing } from './observe/open-tracing.ts';
import type { Clock } from '@tributary/sdk';
import type { Changes } from './change/changes.ts';
import type { Reconfigure } from './change/reconfigure.ts';
import type { HubConfig } from './config/hub-config.ts';
import type { ConfigWorld } from './config/references.ts';
import type { Delivery } from './delivery/create-delivery.ts';
import type { KeyStore } from './http/key-store.ts';
import type { HubLogger } from './observe/logger.ts';
import type { SteadyClock } from './observe/steady-clock.ts';
import type { Metrics } from './observe/metrics.ts';
import type { InstanceProblem } from './plugins/runtime.ts';
import type { BatchReport } from './resolve/report.ts';
import type { Pace } from './resolve/pace.ts';
import type { Store } from './store/store.ts';
import type { HaltInstance } from './sources/halt-instance.ts';

export interface HubOptions {
  /** Closed with the hub. Default: no traces. */
  readonly tracing?: OpenTracing | undefined;
  readonly log?: HubLogger;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Overrides config; 0 takes any free port. */
  readonly port?: number;
  /** Stands in for config's store in tests; it is closed with the hub. */
  readonly store?: Store;
  /** Instances that were left out because their code hung, and may run again. */
  readonly release?: readonly string[];
  /** What config refers to when it is read again; default: the process's environment and the disk. */
  readonly configWorld?: ConfigWorld;
  /**
   * Ends a start that is under way, which may take long where people are made anew: `startHub` rejects with
   * the signal's reason once everything is closed. Of a hub that has started, `stop`.
   */
  readonly signal?: AbortSignal | undefined;
  onBatch?(report: BatchReport): void;
  /** Before plugins are opened by another config. */
  onConfig?(config: HubConfig): void;
}

export interface Hub {
  readonly url: string;
  readonly store: Store;
  readonly keys: KeyStore;
  /** By the config of now. */
  readonly delivery: Delivery;
  readonly metrics: Metrics;
  /** The admin key, on the first start of a store only. */
  readonly firstKey: string | undefined;
  /** Plugins that did not open; the others run. */
  readonly problems: readonly InstanceProblem[];
  /** By the config of now. */
  readonly config: HubConfig;
  /**
   * Takes up another config without a pause for anybody whom it does not concern. Throws ChangeRefused,
   * and the hub runs on as it was. @param actor as the audit log names her.
   */
  readonly reconfigure: Reconfigure['apply'];
  /** Stops an instance whose code failed where no call could catch it. */
  readonly halt: HaltInstance;
  /** The same by the hub's own file, and what it would do. */
  readonly changes: Changes;
  /** Finishes what is in flight, within bounds, and closes everything. */
  stop(): Promise<void>;
}

/** What a hub is composed of, and on which store. */
export type OnStore = HubOptions & { readonly store: Store };

/** The world as it is injected into every room. */
export interface World {
  readonly clock: SteadyClock;
  readonly random: () => number;
  readonly log: HubLogger;
  readonly metrics: Metrics;
  /** Of every config so far. */
  readonly secrets: string[];
  readonly pace: Pace;
  readonly tracing: OpenTracing | undefined;
  readonly onBatch: HubOptions['onBatch'];
  readonly onConfig: HubOptions['onConfig'];
}
