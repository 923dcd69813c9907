// JSON as the contract speaks of it: what can be sent, stored and hashed without a surprise.

/** JSON without members: `NaN` and infinities are none, though the type cannot say so. */
export type JsonPrimitive = string | number | boolean | null;

/** Any JSON: no `Date`, function, bigint, `Map` or class instance. */
export type JsonValue = JsonPrimitive | readonly JsonValue[] | JsonObject;

/** A JSON object. A member that is `undefined` is absent, as `JSON.stringify` has it. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** True for a plain object (not null, not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
