// The namespaces that every hub knows, and how config's own join them. The order is the priority.
import { normaliseEmail, normalisePhone } from '@tributary/sdk';
import type { IdentitySettings, NamespaceSettings } from '../identity/settings.ts';
import type { IdentityDocument, NamespaceDocument } from './config-document.ts';

/** Strongest first; devices after persons. */
export const builtInNamespaces: ReadonlyMap<string, NamespaceDocument> = new Map([
  ['user_id', { limit: 1 }],
  ['crm_id', {}],
  ['email', { normalise: 'email', fromTraits: ['email'], contactPoint: true }],
  ['phone', { normalise: 'phone', fromTraits: ['phone'], contactPoint: true }],
  ['loyalty_card', {}],
  ['anonymous_id', { kind: 'device' }],
  ['advertising_id', { kind: 'device', normalise: 'lowercase' }],
  ['push_token', { kind: 'device', contactPoint: true }],
]);

/** What applications send when they have no identifier to send; compared in lower case. */
export const builtInBlocked: readonly string[] = [
  'null',
  'undefined',
  'none',
  'nil',
  'nan',
  'n/a',
  'na',
  '-',
  '--',
  '0',
  '-1',
  'true',
  'false',
  'anonymous',
  'unknown',
  'guest',
  'not set',
  '(not set)',
  'not available',
  'user_id',
  'userid',
  'email',
  'id',
  '[object object]',
  '{}',
  '[]',
  '00000000-0000-0000-0000-000000000000',
];

export function buildIdentity(document: IdentityDocument): IdentitySettings {
  const own = document.namespaces ?? {};
  const names = [
    ...new Set([...(document.order ?? []), ...builtInNamespaces.keys(), ...Object.keys(own)]),
  ];
  const blocked = [...builtInBlocked, ...document.blocked.map((value) => value.trim())];
  const namespaces = names.map((name, priority) =>
    buildNamespace(name, priority, { ...builtInNamespaces.get(name), ...own[name] }, blocked, [
      ...(document.shared[name] ?? []),
    ]),
  );
  return { namespaces: new Map(namespaces.map((namespace) => [namespace.name, namespace])) };
}

function buildNamespace(
  name: string,
  priority: number,
  document: NamespaceDocument,
  blocked: readonly string[],
  shared: readonly string[],
): NamespaceSettings {
  const { normalise = 'none', defaultCountry } = document;
  const normal = (value: string): string => normalValue(value, normalise, defaultCountry);
  return {
    name,
    kind: document.kind ?? 'person',
    priority,
    limit: document.limit,
    fanOut: document.fanOut ?? 1_000,
    fromTraits: document.fromTraits ?? [],
    normalise,
    defaultCountry,
    contactPoint: document.contactPoint ?? false,
    // Look-ups try a value as it is and in lower case.
    blocked: new Set(blocked.flatMap((value) => [value, value.toLowerCase(), normal(value)])),
    shared: new Set(shared.map(normal)),
  };
}

/** A value that is none of its namespace is compared as it stands. */
function normalValue(
  value: string,
  normalise: NamespaceSettings['normalise'],
  defaultCountry: string | undefined,
): string {
  switch (normalise) {
    case 'email':
      return normaliseEmail(value) ?? value.trim();
    case 'phone':
      return normalisePhone(value, defaultCountry) ?? value.trim();
    case 'lowercase':
      return value.trim().normalize('NFC').toLowerCase();
    case 'none':
      return value.trim();
  }
}
