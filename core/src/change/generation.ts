// What lives as long as a config. The hub runs one generation; a changed config composes the next beside
// it, and what both have in common is carried over as it is.
import type { LoadedConfig } from '../config/load-config.ts';
import type { Delivery } from '../delivery/create-delivery.ts';
import type { FoldProgress } from '../resolve/create-line.ts';
import type { ResolveLoop } from '../resolve/loop.ts';
import type { OpenPlugins } from '../sources/open-instances.ts';
import type { RunningSources } from '../sources/start-sources.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';

export interface Generation {
  readonly loaded: LoadedConfig;
  /** Keyed hash of the config. */
  readonly fingerprint: string;
  readonly settings: StandardiseSettings;
  readonly plugins: OpenPlugins;
  readonly sources: RunningSources;
  readonly loop: ResolveLoop;
  readonly folding: () => FoldProgress | undefined;
  readonly delivery: Delivery;
}
