// A rule as JSON, for people and programs that read it through the API.
import type { JsonValue } from '@tributary/sdk';
import type { Rule } from '../../audience/rule.ts';

/** Maps and sets become objects and lists; everything else is plain already. */
export function describeRule(rule: Rule): JsonValue {
  const text = JSON.stringify(rule, (_, value: unknown) => {
    if (value instanceof Map) return Object.fromEntries(value);
    return value instanceof Set ? [...value] : value;
  });
  return JSON.parse(text) as JsonValue;
}
