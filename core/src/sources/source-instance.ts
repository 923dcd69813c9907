// A source plugin that config enables, opened and ready.
import type { PluginContext, SourcePlugin, UnknownSettings } from '@tributary/sdk';
import type { SourceInstanceSettings } from '../intake/settings.ts';

export interface SourceInstance {
  readonly settings: SourceInstanceSettings;
  readonly definition: SourcePlugin;
  readonly context: PluginContext<UnknownSettings>;
  /** What the plugin's `open` made. */
  readonly connection: unknown;
}

export type SourceState = 'running' | 'waiting' | 'paused' | 'stopped';

/** How a source stands, for people and for health. */
export interface SourceStanding {
  readonly id: string;
  readonly state: SourceState;
  /** Why it is paused, waits or was stopped, with the code. */
  readonly message: string | undefined;
}

export interface SourceStatus extends SourceStanding {
  /** Milliseconds since 1970 of the newest page or request. */
  readonly lastAt: number | undefined;
  readonly accepted: number;
  readonly duplicates: number;
  readonly quarantined: number;
}
