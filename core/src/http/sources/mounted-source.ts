// A source that listens: the opened plugin, what config says of it, and where it hangs.
import type {
  PluginContext,
  SettingsSchema,
  SourceHttp,
  SourcePlugin,
  SourceRequest,
} from '@tributary/sdk';
import type { SourceInstanceSettings } from '../../intake/settings.ts';

/** An opened plugin. Sources without `http` may be among them; they are passed over. */
export interface OpenedSource {
  readonly settings: SourceInstanceSettings;
  readonly definition: SourcePlugin<SettingsSchema, unknown>;
  readonly context: PluginContext<unknown>;
  readonly connection: unknown;
}

export interface MountedSource extends Omit<OpenedSource, 'definition'> {
  /** No slash at the end; the root is the empty text. */
  readonly mount: string;
  readonly http: ListeningHttp;
}

/** Settings were validated by the plugin's own schema when it was opened. */
export type ListeningHttp = Omit<SourceHttp<unknown, unknown>, 'handle'> & {
  handle(
    call: PluginContext<unknown> & {
      readonly connection: unknown;
      readonly request: SourceRequest;
    },
  ): ReturnType<SourceHttp<unknown, unknown>['handle']>;
};
