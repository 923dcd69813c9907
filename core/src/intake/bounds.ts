// Bounds on what one record may hold. Measured in one walk, so that a hostile record costs no more
// than its own bounded size.
import { isJsonObject } from '@tributary/sdk';
import type { IntakeBounds } from './settings.ts';
import { recordProblem, type RecordProblem } from '../standardise/problem.ts';

/** Undefined when the record is within bounds and every text in it can be stored. */
export function checkBounds(record: unknown, bounds: IntakeBounds): RecordProblem | undefined {
  return checkCounts(record, bounds) ?? checkContent(record, bounds);
}

function checkCounts(record: unknown, bounds: IntakeBounds): RecordProblem | undefined {
  if (!isJsonObject(record)) return undefined;
  const { identifiers, traits } = record;
  const { maxIdentifiers, maxTraits } = bounds;
  if (Array.isArray(identifiers) && identifiers.length > maxIdentifiers) {
    return recordProblem(
      'RECORD_TOO_MANY_IDENTIFIERS',
      'identifiers',
      `${identifiers.length}, at most ${maxIdentifiers} are taken`,
      'Name one person or raise hub.intake.maxIdentifiers.',
    );
  }
  const count = isJsonObject(traits) ? Object.keys(traits).length : 0;
  if (count <= maxTraits) return undefined;
  return recordProblem(
    'RECORD_TOO_MANY_TRAITS',
    'traits',
    `${count}, at most ${maxTraits} are taken`,
    'Send fewer or raise hub.intake.maxTraits.',
  );
}

function checkContent(record: unknown, bounds: IntakeBounds): RecordProblem | undefined {
  const found = walk(record, bounds.maxDepth);
  if (found === 'deep') {
    return recordProblem(
      'RECORD_TOO_DEEP',
      'record',
      `nested deeper than ${bounds.maxDepth} levels`,
      'Flatten it or raise hub.intake.maxDepth.',
    );
  }
  if (found === 'unstorable') {
    return recordProblem(
      'RECORD_UNSTORABLE',
      'record',
      'a text holds a NUL character or half of a surrogate pair, or something is no JSON (a number larger than any, a bigint, a function)',
      'Send valid Unicode without U+0000, and large numbers as texts.',
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify(record) ?? '');
  if (bytes <= bounds.maxRecordBytes) return undefined;
  return recordProblem(
    'RECORD_TOO_LARGE',
    'record',
    `${bytes} bytes of JSON, at most ${bounds.maxRecordBytes} are taken`,
    'Split it or raise hub.intake.maxRecordBytes.',
  );
}

function walk(value: unknown, depthLeft: number): 'fine' | 'deep' | 'unstorable' {
  if (typeof value === 'string') return isStorable(value) ? 'fine' : 'unstorable';
  if (!isOfJson(value)) return 'unstorable';
  if (typeof value !== 'object' || value === null) return 'fine';
  if (depthLeft === 0) return 'deep';
  for (const [key, item] of Object.entries(value)) {
    const found = isStorable(key) ? walk(item, depthLeft - 1) : 'unstorable';
    if (found !== 'fine') return found;
  }
  return 'fine';
}

/** Else JSON cannot write it, leaves it out, or writes it as null, which deletes a trait. */
export function isOfJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return !['bigint', 'function', 'symbol'].includes(typeof value);
}

/** True where every text in it can be stored, and it is not nested deeper. */
export function isStorableJson(value: unknown, maxDepth: number): boolean {
  return walk(value, maxDepth) === 'fine';
}

function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}
