// Small turns that explanations share.
import type { Identifier, JsonValue } from '@tributary/sdk';

export function timeWords(milliseconds: number): string {
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString() : 'never';
}

export function identifierWords({ namespace, value }: Identifier): string {
  return `${namespace}:${value}`;
}

/** Long values are cut: the profile shows them in full. */
export function valueWords(value: JsonValue | undefined): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

export interface Said {
  readonly source: string;
  readonly at: number;
  readonly number: number;
}

export function saidWords({ source, at, number }: Said): string {
  return `by source ${source} at ${timeWords(at)}, record ${number}`;
}
