// The hub's settings for random worlds.
import type { Measure } from '../../core/src/profile/measure.ts';
import type { StandardiseSettings } from '../../core/src/standardise/standardise.ts';
import { testNamespace, testSettings, testSource } from '../support/settings.ts';
import {
  gpcDenies,
  namespaces,
  purposes,
  sharedName,
  sources,
  traitPolicies,
} from './vocabulary.ts';

export function hubSettings(computed: ReadonlyMap<string, Measure>): StandardiseSettings {
  return testSettings({
    identity: identitySettings(),
    profile: {
      traits: traitSettings(),
      computed: new Map([...computed].map(([name, measure]) => [name, { name, measure }])),
      primary: new Map(),
    },
    consent: {
      purposes: new Map(
        purposes.map((name) => [name, { name, title: name, regions: new Map<string, never>() }]),
      ),
      gpcDenies,
      regionTrait: 'country',
    },
    sources: new Map(
      Object.entries(sources).map(([id, { server, client, authenticatedConsent }]) => [
        id,
        testSource(id, {
          trust: { server, client },
          consent: { categories: new Map(), authenticatedConsent },
        }),
      ]),
    ),
  });
}

function identitySettings(): StandardiseSettings['identity'] {
  const spaces = namespaces.map(({ name, kind, limit, fanOut, contactPoint, trait }, priority) =>
    testNamespace(name, priority, {
      kind,
      limit,
      normalise: name === 'email' || name === 'phone' ? name : 'none',
      contactPoint: contactPoint ?? false,
      fromTraits: trait === undefined ? [] : [trait],
      shared: new Set(sharedName.startsWith(`${name}:`) ? [sharedName.slice(name.length + 1)] : []),
      ...(fanOut === undefined ? {} : { fanOut }),
    }),
  );
  return { namespaces: new Map(spaces.map((space) => [space.name, space])) };
}

function traitSettings(): StandardiseSettings['profile']['traits'] {
  return new Map(
    Object.entries(traitPolicies).map(([name, { merge, limit, sources: ranked }]) => [
      name,
      {
        name,
        type: undefined,
        merge,
        sources: ranked ?? [],
        limit: limit ?? 100,
        standardise: 'none' as const,
        categories: undefined,
      },
    ]),
  );
}
