// Whoever decides by the same rules is the same: what works with him goes on untouched.
import { isDeepStrictEqual } from 'node:util';
import type { HubConfig } from '../config/hub-config.ts';
import { createConsentReader, type ConsentReader } from '../consent/read.ts';

export interface ConsentBefore {
  readonly config: HubConfig;
  readonly consent: ConsentReader;
}

export function carryConsent(config: HubConfig, before: ConsentBefore | undefined): ConsentReader {
  const isSame =
    isDeepStrictEqual(config.consent, before?.config.consent) &&
    isDeepStrictEqual(config.identity, before?.config.identity);
  return before && isSame ? before.consent : createConsentReader(config.consent, config.identity);
}
