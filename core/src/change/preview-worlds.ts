// What each destination of a config would work with, without a plugin being opened.
import type { LoadedConfig } from '../config/load-config.ts';
import { createConsentReader } from '../consent/read.ts';
import { deliverySettings, type DeliveryGround } from '../delivery/compose-settings.ts';
import { createPreviewWorlds } from '../delivery/instance-worlds.ts';
import type { InstanceWorld } from '../delivery/world.ts';
import type { HubLogger } from '../observe/logger.ts';
import { unopenedDestinations } from '../sources/open-instances.ts';

export interface PreviewGround extends DeliveryGround {
  readonly log: HubLogger;
}

export function previewWorlds(
  ground: PreviewGround,
  loaded: LoadedConfig,
): readonly InstanceWorld[] {
  const consent = createConsentReader(loaded.config.consent, loaded.config.identity);
  const plugins = unopenedDestinations(loaded, { ...ground, secrets: loaded.secrets });
  return createPreviewWorlds(deliverySettings(ground, loaded, plugins, consent));
}
