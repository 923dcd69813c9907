// What operators say (a consent taken by phone, later a merge by hand) is a record like any other; it
// comes from this source.
import type { SourceInstanceSettings } from '../intake/settings.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';

export const internalSource: SourceInstanceSettings = {
  id: 'hub',
  plugin: '@tributary/core',
  settings: {},
  mount: undefined,
  pullEveryMs: 60_000,
  trust: { server: 'manual', client: 'declared' },
  consent: { categories: new Map(), authenticatedConsent: true },
  trackingPlan: undefined,
  historicalAfterMs: 86_400_000,
  enabled: true,
};

/** What standardisation goes by: config, and this source, which no config names. */
export function withInternalSource<Config extends StandardiseSettings>(config: Config): Config {
  return { ...config, sources: new Map([...config.sources, [internalSource.id, internalSource]]) };
}
