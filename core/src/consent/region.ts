// What config says of a region where no entry covers a person: the most particular region wins,
// an unknown region says nothing.
import type { ConsentSettings, RegionDefault } from './settings.ts';

/** @param region ISO 3166 country or subdivision, e.g. `US-CA`; undefined: not known. */
export function regionDefaultOf(
  consent: ConsentSettings,
  purpose: string,
  region: string | undefined,
): RegionDefault | undefined {
  if (!region) return undefined;
  const regions = consent.purposes.get(purpose)?.regions;
  return regions?.get(region) ?? regions?.get(region.split('-')[0] ?? region);
}
