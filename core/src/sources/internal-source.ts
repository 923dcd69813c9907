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
export function withInternalSource(config: StandardiseSettings): StandardiseSettings {
  const known = completed.get(config);
  if (known) return known;
  const sources = new Map([...config.sources, [internalSource.id, internalSource]]);
  const settings = { ...config, sources };
  completed.set(config, settings);
  return settings;
}

/** One and the same for one config, so that what was standardised by it is known again. */
const completed = new WeakMap<StandardiseSettings, StandardiseSettings>();
