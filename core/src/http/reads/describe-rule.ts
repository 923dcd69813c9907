// A rule as JSON, for people and programs that read it through the API.
import { isJsonObject, type JsonValue } from '@tributary/sdk';
import type { Rule } from '../../audience/rule.ts';

/** Maps become objects, sets lists; everything else is plain already. */
export function describeRule(rule: Rule): JsonValue {
  return plain(rule);
}

function plain(value: unknown): JsonValue {
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (value instanceof Set || Array.isArray(value)) return [...value].map(plain);
  if (isJsonObject(value)) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null;
}
