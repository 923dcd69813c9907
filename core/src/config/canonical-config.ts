// One text for one meaning of a part of config as loaded, so that two can be compared by their hash.
import { isJsonObject, type JsonValue } from '@tributary/sdk';
import canonicalize from 'canonicalize';

/** Equal for equal config, however its file was written. It holds secrets where config does. */
export function canonicalConfig(part: object): string {
  return canonicalText(plain(part));
}

/** Maps and sets as sorted lists: their order in config decides only where a field says so. */
function plain(value: unknown): JsonValue {
  if (value instanceof Map || value instanceof Set) return [...value].map(plain).sort(byText);
  if (Array.isArray(value)) return value.map(plain);
  if (isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

function byText(left: JsonValue, right: JsonValue): number {
  const [a, b] = [canonicalText(left), canonicalText(right)];
  return a < b ? -1 : Number(a > b);
}

function canonicalText(value: JsonValue): string {
  return canonicalize(value) ?? 'null';
}
