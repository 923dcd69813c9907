// Traits that config does not name are kept too: of any type, the latest statement wins.
import type { ProfileSettings, TraitSettings } from './settings.ts';

export function traitSettingsOf(settings: ProfileSettings, name: string): TraitSettings {
  return settings.traits.get(name) ?? undeclared(name);
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
