// Bounds on what one record may hold. Measured in one walk, so that a hostile record costs no more
// than its own bounded size.
import type { IntakeBounds } from './settings.ts';
import { recordProblem, type RecordProblem } from '../standardise/problem.ts';

/** Undefined when the record is within bounds and every text in it can be stored. */
export function checkBounds(record: unknown, bounds: IntakeBounds): RecordProblem | undefined {
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
      'a text holds a NUL character or half of a surrogate pair, which no database text can hold',
      'Send valid Unicode without U+0000.',
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
  if (typeof value !== 'object' || value === null) return 'fine';
  if (depthLeft === 0) return 'deep';
  for (const [key, item] of Object.entries(value)) {
    const found = isStorable(key) ? walk(item, depthLeft - 1) : 'unstorable';
    if (found !== 'fine') return found;
  }
  return 'fine';
}

function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}
