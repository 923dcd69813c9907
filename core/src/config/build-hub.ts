// `hub`, `consent` and the profile sections of an accepted document → what the rooms work with.
import { dirname, resolve } from 'node:path';
import type { ConsentSettings, PurposeSettings } from '../consent/settings.ts';
import type { IntakeBounds } from '../intake/settings.ts';
import type { Measure } from '../profile/measure.ts';
import type { ProfileSettings, TraitSettings } from '../profile/settings.ts';
import { isServerUrl } from './check-hub.ts';
import type { ConfigDocument, HubDocument, TraitDocument } from './config-document.ts';
import type { PrivacySettings } from '../privacy/settings.ts';
import type { AuditSettings, StoreSettings } from './hub-config.ts';
import { durationMs, sizeBytes } from './quantities.ts';

export function buildStore(store: HubDocument['store'], configFile: string): StoreSettings {
  const inFolder = (folder: string): StoreSettings => ({
    kind: 'embedded',
    folder: resolve(dirname(configFile), folder),
  });
  if (typeof store === 'string') {
    return isServerUrl(store)
      ? { kind: 'server', url: store, schema: 'tributary' }
      : inFolder(store);
  }
  return store.url === undefined
    ? inFolder(store.folder ?? './data')
    : { kind: 'server', url: store.url, schema: store.schema };
}

export function buildIntake(intake: HubDocument['intake']): IntakeBounds {
  const { maxRecordSize, maxClockCorrection, ...counts } = intake;
  return {
    ...counts,
    maxRecordBytes: sizeBytes(maxRecordSize),
    maxClockCorrectionMs: durationMs(maxClockCorrection),
  };
}

export function buildAudit(audit: HubDocument['audit'], configFile: string): AuditSettings {
  return {
    headsFolder: audit.heads === undefined ? undefined : resolve(dirname(configFile), audit.heads),
    headEveryMs: durationMs(audit.every),
  };
}

export function buildPrivacy({ privacy, store }: HubDocument, configFile: string): PrivacySettings {
  const built = buildStore(store, configFile);
  const beside = built.kind === 'embedded' ? `${built.folder}-erasures` : undefined;
  const { people, peopleWithoutPurpose, quarantine, deadLetters } = privacy.retention;
  return {
    deadlineMs: durationMs(privacy.deadline),
    retention: {
      peopleMs: optionalMs(people),
      withoutPurposeMs: optionalMs(peopleWithoutPurpose),
      quarantineMs: optionalMs(quarantine),
      deadLettersMs: optionalMs(deadLetters),
    },
    journalFolder:
      privacy.journal === undefined ? beside : resolve(dirname(configFile), privacy.journal),
  };
}

function optionalMs(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : durationMs(duration);
}

export function buildConsent({ purposes, consent }: ConfigDocument): ConsentSettings {
  const built = Object.entries(purposes).map(([name, purpose]): [string, PurposeSettings] => {
    if (typeof purpose === 'string') return [name, { name, title: purpose, regions: new Map() }];
    const { title, regions, retention, traits } = purpose;
    const kept = retention === undefined ? {} : { keepMs: durationMs(retention), traits };
    return [name, { name, title, regions: new Map(Object.entries(regions)), ...kept }];
  });
  return {
    purposes: new Map(built),
    gpcDenies: consent.gpcDenies,
    regionTrait: consent.regionTrait,
  };
}

export function buildProfile(
  { traits, primary, purposes, consent }: ConfigDocument,
  computed: ReadonlyMap<string, Measure>,
): ProfileSettings {
  return {
    traits: new Map(Object.entries(traits).map(([name, trait]) => [name, buildTrait(name, trait)])),
    computed: new Map([...computed].map(([name, measure]) => [name, { name, measure }])),
    primary: new Map(Object.entries(primary)),
    needed: new Set(Object.values(purposes).some(hasRegions) ? [consent.regionTrait] : []),
  };
}

function hasRegions(purpose: ConfigDocument['purposes'][string]): boolean {
  return typeof purpose !== 'string' && Object.keys(purpose.regions).length > 0;
}

function buildTrait(name: string, trait: TraitDocument): TraitSettings {
  const { categories } = trait;
  return {
    name,
    type: trait.type,
    merge: trait.merge,
    sources: trait.sources,
    limit: trait.limit,
    standardise: trait.standardise,
    categories:
      categories &&
      new Map(Object.entries(categories).map(([word, ours]) => [word.toLowerCase(), ours])),
  };
}
