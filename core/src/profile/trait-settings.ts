// Traits that config does not name are kept too: of any type, the latest statement wins.
import type { ProfileSettings, TraitSettings } from './settings.ts';

export function traitSettingsOf(settings: ProfileSettings, name: string): TraitSettings {
  return settings.traits.get(name) ?? undeclared(name);
}

/** True where the bound on names that anybody may make up does not hold. */
export function isAlwaysKept(
  { traits, needed }: Pick<ProfileSettings, 'traits' | 'needed'>,
  name: string,
): boolean {
  return traits.has(name) || needed?.has(name) === true;
}

function undeclared(name: string): TraitSettings {
  return {
    name,
    type: undefined,
    merge: 'latest',
    sources: [],
    limit: 100,
    standardise: 'none',
    categories: undefined,
  };
}
