// Reading bodies that strangers send: everything is unknown until a guard has looked at it.
import { badRequest } from './vendor-error.ts';

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function requireRecord(value: unknown): JsonRecord {
  if (!isRecord(value)) throw badRequest('invalid JSON');
  return value;
}

export function requireTexts(value: unknown, field: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw badRequest(`${field} must be an array of strings`, field);
  }
  return value;
}

/** One address, by the vendor's plain reading: something, an at sign, a dotted domain, no blank. */
export function isEmail(value: string): boolean {
  return value.length <= 254 && /^[^\s@,<>"()]+@[^\s@,<>"()]+\.[^\s@.,<>"()]{2,}$/.test(value);
}
