// What operators say (a consent taken by phone, later a merge by hand) is a record like any other; it
// comes from this source.
import type { SourceInstanceSettings } from '../intake/settings.ts';

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
