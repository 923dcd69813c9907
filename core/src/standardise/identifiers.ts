// Finds the identifiers that a record names and brings them into their normal form.
import {
  normaliseEmail,
  normalisePhone,
  textOfNumber,
  type Identifier,
  type JsonObject,
} from '@tributary/sdk';
import type { IdentitySettings, NamespaceSettings } from '../identity/settings.ts';
import type { DeploymentKeys } from './keys.ts';
import type { StandardIdentifier } from './standard-record.ts';

/** The identifiers proper, strongest first, and the shared values that identify nobody. */
export interface NamedIdentifiers {
  readonly identifiers: readonly StandardIdentifier[];
  readonly contacts: readonly StandardIdentifier[];
}

/** @param traits of an identify; values under a namespace's `fromTraits` are identifiers too. */
export function nameIdentifiers(
  named: readonly Identifier[],
  traits: JsonObject,
  settings: IdentitySettings,
  keys: DeploymentKeys,
): NamedIdentifiers {
  const found = new Map<string, StandardIdentifier>();
  for (const { namespace, value } of [...named, ...fromTraits(traits, settings)]) {
    const identifier = standardIdentifier(namespace, value, settings, keys);
    if (identifier) found.set(identifier.hash, identifier);
  }
  const all = [...found.values()].sort(byStrength);
  return {
    identifiers: all.filter((identifier) => identifier.kind !== 'contact'),
    contacts: all.filter((identifier) => identifier.kind === 'contact'),
  };
}

/** Undefined where the namespace is unknown, the value is blocked or no value of that namespace. */
export function standardIdentifier(
  namespace: string,
  value: string,
  settings: IdentitySettings,
  keys: DeploymentKeys,
): StandardIdentifier | undefined {
  const space = settings.namespaces.get(namespace);
  if (!space) return undefined;
  const normal = normaliseValue(value, space);
  if (normal === undefined || normal === '' || isBlocked(normal, space)) return undefined;
  return {
    namespace,
    value: normal,
    hash: keys.identifierHash(namespace, normal),
    kind: space.shared.has(normal) ? 'contact' : space.kind,
    priority: space.priority,
  };
}

/** An alias's other one; a shared value is nobody's other one. */
export function previousIdentifier(
  previous: Identifier | undefined,
  settings: IdentitySettings,
  keys: DeploymentKeys,
): StandardIdentifier | undefined {
  if (previous === undefined) return undefined;
  const found = standardIdentifier(previous.namespace, previous.value, settings, keys);
  return found?.kind === 'contact' ? undefined : found;
}

function normaliseValue(value: string, space: NamespaceSettings): string | undefined {
  switch (space.normalise) {
    case 'email':
      return normaliseEmail(value);
    case 'phone':
      return normalisePhone(value, space.defaultCountry);
    case 'lowercase':
      return value.trim().normalize('NFC').toLowerCase();
    case 'none':
      return value.trim();
  }
}

function isBlocked(value: string, space: NamespaceSettings): boolean {
  return space.blocked.has(value) || space.blocked.has(value.toLowerCase());
}

function fromTraits(traits: JsonObject, settings: IdentitySettings): Identifier[] {
  const found: Identifier[] = [];
  for (const space of settings.namespaces.values()) {
    for (const trait of space.fromTraits) {
      const value = Object.hasOwn(traits, trait) ? traits[trait] : undefined;
      const text = typeof value === 'number' ? textOfNumber(value) : value;
      if (typeof text === 'string') found.push({ namespace: space.name, value: text });
    }
  }
  return found;
}

/** Persons before devices, then the namespace's place in config, then the value's code points. */
export function byStrength(left: StandardIdentifier, right: StandardIdentifier): number {
  const kind = Number(left.kind === 'device') - Number(right.kind === 'device');
  if (kind !== 0) return kind;
  if (left.priority !== right.priority) return left.priority - right.priority;
  return left.value < right.value ? -1 : Number(left.value > right.value);
}
