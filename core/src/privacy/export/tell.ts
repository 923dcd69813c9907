// A row as an item of the answer: times as ISO 8601, whatever else as it is; nothing where there is nothing.
import type { JsonObject, JsonValue } from '@tributary/sdk';

export type Items = AsyncGenerator<JsonObject, void>;

export function tell(row: object): JsonObject {
  const entries = Object.entries(row).flatMap(([name, value]): [string, JsonValue][] => {
    if (value === null || value === undefined) return [];
    const isTime = typeof value === 'number' && (name === 'at' || /(At|since|from|to)$/.test(name));
    return [[name, isTime ? timeText(value) : asJson(value)]];
  });
  return Object.fromEntries(entries);
}

function timeText(value: number): string {
  return Number.isFinite(value) ? new Date(value).toISOString() : 'always';
}

function asJson(value: unknown): JsonValue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- rows hold plain values
  return value as JsonValue;
}
