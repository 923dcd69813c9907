// What the privacy room works with; composed once by the hub.
import type { PluginLogger } from '@tributary/sdk';
import type { Delivery } from '../delivery/create-delivery.ts';
import type { Intake } from '../intake/intake.ts';
import type { ResolveRoom } from '../resolve/room.ts';
import type { Store } from '../store/store.ts';
import type { PrivacySettings } from './settings.ts';

export interface PrivacyWorld {
  readonly store: Store;
  readonly intake: Intake;
  readonly room: ResolveRoom;
  readonly delivery: Pick<Delivery, 'instances' | 'pursueErasure'>;
  /** Destinations of config that are enabled, running or not. */
  readonly enabled: ReadonlySet<string>;
  readonly settings: PrivacySettings;
  readonly log: PluginLogger;
}
