// A hub's config as loaded: validated, references resolved, defaults filled in, durations in milliseconds.
import type { AudiencesSettings } from '../audience/rule.ts';
import type { ConsentSettings } from '../consent/settings.ts';
import type { DestinationInstanceSettings } from '../delivery/settings.ts';
import type { IdentitySettings } from '../identity/settings.ts';
import type { IntakeBounds, SourceInstanceSettings } from '../intake/settings.ts';
import type { PrivacySettings } from '../privacy/settings.ts';
import type { ProfileSettings } from '../profile/settings.ts';

export interface HubConfig {
  readonly name: string;
  readonly store: StoreSettings;
  /** Where the deployment key comes from: 32 bytes, base64. Undefined: made at first start beside an embedded store. */
  readonly deploymentKey: string | undefined;
  /** What a store that is to be brought under `deploymentKey` is under still. */
  readonly earlierKey: string | undefined;
  readonly http: HttpSettings;
  readonly intake: IntakeBounds;
  readonly identity: IdentitySettings;
  readonly profile: ProfileSettings;
  readonly consent: ConsentSettings;
  readonly audiences: AudiencesSettings;
  readonly sources: ReadonlyMap<string, SourceInstanceSettings>;
  readonly destinations: ReadonlyMap<string, DestinationInstanceSettings>;
  /** A plugin's code may hold the main thread for so long. */
  readonly pluginHangAfterMs: number;
  readonly audit: AuditSettings;
  /** Where backups of the running hub go; undefined: it takes none. */
  readonly backupFolder: string | undefined;
  readonly privacy: PrivacySettings;
  /** The file it came from; plugins are found from here. */
  readonly file: string;
}

export type StoreSettings =
  | { readonly kind: 'embedded'; readonly folder: string }
  | { readonly kind: 'server'; readonly url: string; readonly schema: string };

export interface HttpSettings {
  /** Default 127.0.0.1. */
  readonly host: string;
  /** Default 8080. */
  readonly port: number;
  /** Number of proxies whose X-Forwarded-For is believed. Default 0. */
  readonly trustProxy: number;
}

export interface AuditSettings {
  /** A folder outside the store that signed heads are written to; undefined: none are. */
  readonly headsFolder: string | undefined;
  readonly headEveryMs: number;
}

/** Of an embedded store. */
export function folderOf({ store }: Pick<HubConfig, 'store'>): string | undefined {
  return store.kind === 'embedded' ? store.folder : undefined;
}
