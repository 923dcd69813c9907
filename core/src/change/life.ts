// One process's life as the audit log tells it: by which config, with which plugins.
import { randomUUID } from 'node:crypto';
import type { HubLife } from '../audit/life-entries.ts';
import { hashOfRules } from '../resolve/rules-of-folding.ts';
import type { Generation } from './generation.ts';

const run = randomUUID();

/** Of what config enables; the internal source is not a plugin. */
export function lifeOf({ loaded: { config }, settings, plugins }: Generation, at: number): HubLife {
  const instances = [...config.sources.values(), ...config.destinations.values()];
  const enabled = instances.filter((instance) => instance.enabled);
  return {
    run,
    at,
    rules: hashOfRules(settings),
    audiences: config.audiences.map(({ name }) => name),
    plugins: new Map(enabled.map(({ id, plugin }) => [id, plugin])),
    failed: plugins.problems,
  };
}
