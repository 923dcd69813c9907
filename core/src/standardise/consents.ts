// What a record says about consent: explicitly, by category preferences, by a privacy signal.
import {
  isJsonObject,
  type ConsentChange,
  type JsonObject,
  type SourceRecord,
} from '@tributary/sdk';
import type { ConsentSettings, SourceConsentSettings } from '../consent/settings.ts';

/** The reserved event by which consent tools of the Segment protocol write to the profile. */
export const consentUpdatedEvent = 'Segment Consent Preference Updated';

export type EventConsent = Readonly<Record<string, boolean>>;

/**
 * Per purpose what the record itself says by `context.consent.categoryPreferences`; undefined where it
 * says nothing. A purpose with several categories needs all of them; a category that is configured
 * but missing is a no.
 */
export function readEventConsent(
  context: JsonObject,
  source: SourceConsentSettings,
): EventConsent | undefined {
  const consent = context['consent'];
  if (!isJsonObject(consent) || consent['categoryPreferences'] === undefined) return undefined;
  // Anything that is no object of booleans fails closed: every category is a no.
  const stated = consent['categoryPreferences'];
  const preferences = isJsonObject(stated) ? stated : {};
  const purposes: Record<string, boolean> = {};
  for (const [category, names] of source.categories) {
    for (const name of names) {
      purposes[name] = (purposes[name] ?? true) && preferences[category] === true;
    }
  }
  return purposes;
}

/** All that the ledger should hold of this record. */
export function readConsents(
  record: SourceRecord,
  eventConsent: EventConsent | undefined,
  settings: ConsentSettings,
): readonly ConsentChange[] {
  return [
    ...(record.consents ?? []),
    ...preferenceUpdate(record, eventConsent),
    ...privacySignal(record, settings),
  ];
}

function preferenceUpdate(
  record: SourceRecord,
  eventConsent: EventConsent | undefined,
): ConsentChange[] {
  if (record.type !== 'track' || record.event !== consentUpdatedEvent) return [];
  return Object.entries(eventConsent ?? {}).map(([purpose, granted]) => ({
    purpose,
    status: granted ? 'granted' : 'denied',
    evidence: { event: consentUpdatedEvent },
  }));
}

/** Global Privacy Control: the browser says no for everything that config lists. */
function privacySignal(record: SourceRecord, settings: ConsentSettings): ConsentChange[] {
  if (record.context?.['gpc'] !== true) return [];
  return settings.gpcDenies.map((purpose) => ({
    purpose,
    status: 'denied',
    lawfulBasis: 'privacy_signal',
    evidence: { signal: 'Sec-GPC' },
  }));
}
