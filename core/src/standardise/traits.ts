// Brings trait values into the form that config declares. A value that does not fit its declared
// type is left out of the fold; the record as received stays in the log.
import {
  isJsonObject,
  normaliseCountry,
  normaliseCurrency,
  normaliseEmail,
  normalisePhone,
  normaliseTime,
  type JsonObject,
  type JsonValue,
} from '@tributary/sdk';
import type { ProfileSettings, TraitSettings } from '../profile/settings.ts';

/** null deletes the trait and always passes. */
export function standardiseTraits(traits: JsonObject, settings: ProfileSettings): JsonObject {
  // Entries, because a trait may be called `__proto__`.
  return Object.fromEntries(
    Object.entries(traits).flatMap(([name, value]): [string, JsonValue][] => {
      const declared = settings.traits.get(name);
      const standard =
        declared && value !== undefined && value !== null
          ? standardiseTrait(value, declared)
          : value;
      return standard === undefined ? [] : [[name, standard]];
    }),
  );
}

function standardiseTrait(value: JsonValue, settings: TraitSettings): JsonValue | undefined {
  const standard = toStandard(toCategory(value, settings), settings);
  return standard === undefined ? undefined : toType(standard, settings);
}

function toCategory(value: JsonValue, settings: TraitSettings): JsonValue {
  if (!settings.categories || typeof value !== 'string') return value;
  return settings.categories.get(value.trim().toLowerCase()) ?? value;
}

function toStandard(value: JsonValue, settings: TraitSettings): JsonValue | undefined {
  switch (settings.standardise) {
    case 'none':
      return value;
    case 'email':
      return typeof value === 'string' ? normaliseEmail(value) : undefined;
    case 'phone':
      return typeof value === 'string' ? normalisePhone(value, undefined) : undefined;
    case 'country':
      return typeof value === 'string' ? normaliseCountry(value) : undefined;
    case 'currency':
      return typeof value === 'string' ? normaliseCurrency(value) : undefined;
    case 'time':
      return isoOf(value);
  }
}

function toType(value: JsonValue, settings: TraitSettings): JsonValue | undefined {
  switch (settings.type) {
    case undefined:
    case 'json':
      return value;
    case 'string':
      return typeof value === 'string'
        ? value
        : typeof value === 'number'
          ? String(value)
          : undefined;
    case 'number':
      return toNumber(value);
    case 'boolean':
      return toBoolean(value);
    case 'time':
      return isoOf(value);
    case 'list':
      return Array.isArray(value) ? value : isJsonObject(value) ? undefined : [value];
  }
}

function toNumber(value: JsonValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

function toBoolean(value: JsonValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  return value === 'false' ? false : undefined;
}

/** ISO 8601 in UTC with milliseconds: such texts compare as the times do. */
function isoOf(value: JsonValue): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const time = normaliseTime(value);
  return time === undefined ? undefined : new Date(time).toISOString();
}
