// Settings as a hub's config would give them, for tests that need no file.
import type { SourceInstanceSettings, IntakeBounds } from '../../core/src/intake/settings.ts';
import type { NamespaceSettings } from '../../core/src/identity/settings.ts';
import { createDeploymentKeys } from '../../core/src/standardise/keys.ts';
import type { StandardiseSettings } from '../../core/src/standardise/standardise.ts';

export const testKey: Uint8Array = new Uint8Array(32).fill(7);
export const testKeys = createDeploymentKeys(testKey);

/** What a store under `testKey` may be brought under, and the keys that it is under then. */
export const nextTestKey: Uint8Array = new Uint8Array(32).fill(8);
export const nextTestKeys = createDeploymentKeys(nextTestKey, [testKey]);

export const testBounds: IntakeBounds = {
  maxRecordBytes: 32_768,
  maxDepth: 32,
  maxIdentifiers: 20,
  maxTraits: 500,
  maxWaiting: 20_000,
  groupRecords: 1_000,
  maxClockCorrectionMs: 365 * 86_400_000,
};

export function testNamespace(
  name: string,
  priority: number,
  change: Partial<NamespaceSettings> = {},
): NamespaceSettings {
  return {
    name,
    kind: 'person',
    priority,
    limit: undefined,
    fanOut: 1_000,
    fromTraits: [],
    normalise: 'none',
    defaultCountry: undefined,
    contactPoint: false,
    blocked: new Set(['', 'null', 'undefined', '0']),
    shared: new Set(),
    ...change,
  };
}

export function testSource(
  id: string,
  change: Partial<SourceInstanceSettings> = {},
): SourceInstanceSettings {
  return {
    id,
    plugin: '@tributary/source-http',
    settings: {},
    mount: undefined,
    pullEveryMs: 60_000,
    trust: { server: 'authenticated', client: 'declared' },
    consent: { categories: new Map(), authenticatedConsent: false },
    trackingPlan: undefined,
    historicalAfterMs: 86_400_000,
    enabled: true,
    ...change,
  };
}

const email = { normalise: 'email', fromTraits: ['email'], contactPoint: true } as const;
const phone = { normalise: 'phone', fromTraits: ['phone'], contactPoint: true } as const;

/** user_id (one per person), crm_id, email, phone; devices anonymous_id and advertising_id. */
export function testSettings(change: Partial<StandardiseSettings> = {}): StandardiseSettings {
  const namespaces = [
    testNamespace('user_id', 0, { limit: 1 }),
    testNamespace('crm_id', 1),
    testNamespace('email', 2, { ...email, shared: new Set(['info@shop.example']) }),
    testNamespace('phone', 3, { ...phone, defaultCountry: 'US' }),
    testNamespace('anonymous_id', 4, { kind: 'device' }),
    testNamespace('advertising_id', 5, { kind: 'device' }),
  ];
  const purpose = (name: string) => [name, { name, title: name, regions: new Map() }] as const;
  return {
    identity: { namespaces: new Map(namespaces.map((space) => [space.name, space])) },
    profile: { traits: new Map(), computed: new Map(), primary: new Map() },
    consent: {
      purposes: new Map([purpose('email_marketing'), purpose('analytics'), purpose('ads')]),
      gpcDenies: ['ads'],
      regionTrait: 'country',
    },
    sources: new Map([
      ['web', testSource('web')],
      ['shop', testSource('shop')],
    ]),
    ...change,
  };
}
