// Tells one config from another without giving anything of it away: a hash by the deployment's key.
import { canonicalConfig } from '../config/canonical-config.ts';
import type { HubConfig } from '../config/hub-config.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';

/** The same for the same meaning, secrets included; where the file lies does not count. */
export function fingerprintOf(config: HubConfig, keys: DeploymentKeys): string {
  return keys.configHash(canonicalConfig({ ...config, file: '' }));
}
