// How a path goes down into JSON: through the own keys of objects only, never into lists.
import { isJsonObject } from '@tributary/sdk';
import type { JsonObject, JsonValue } from '@tributary/sdk';

export function valueAt(document: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const key of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}
