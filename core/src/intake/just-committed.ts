// What intake has just committed, kept for resolve, which would otherwise read it back from the log and
// standardise it a second time. The log is the truth: whatever is missing here is read there, and nothing
// comes in here before it is durable there.
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import type { LogRow } from './check-record.ts';

export interface NumberedRow {
  readonly number: number;
  readonly row: LogRow;
}

export interface JustCommitted {
  /** Rows of one commit, in the order of their numbers. */
  keep(rows: readonly NumberedRow[]): void;
  /**
   * Forgets what comes before and answers with what follows without a gap; undefined where the next
   * number is not here, or what is here ends before a gap that the log would fill.
   */
  takeAfter(number: number, limit: number): readonly NumberedRow[] | undefined;
}

/** Beyond either, newcomers are left to the log: how far resolve is behind must not fill the memory. */
const mostRows = 5_000;
const mostBytes = 16_777_216;

export function createJustCommitted(): JustCommitted {
  const kept: NumberedRow[] = [];
  let bytes = 0;
  /** Rows left to the log since anybody took some. */
  let left = 0;

  function drop(count: number): void {
    for (const { row } of kept.splice(0, count)) bytes -= row.payload.byteLength;
  }

  return {
    keep(rows) {
      const [first] = rows;
      // Numbers only grow, unless the log is another one.
      if (first && first.number <= (kept.at(-1)?.number ?? 0)) drop(kept.length);
      for (const one of rows) {
        if (kept.length >= mostRows || bytes >= mostBytes) {
          left += 1;
          continue;
        }
        kept.push(one);
        bytes += one.row.payload.byteLength;
      }
      // Another process resolves, and nobody here will ever ask.
      if (left > mostRows) drop(kept.length);
    },
    takeAfter(number, limit) {
      left = 0;
      const start = kept.findIndex((one) => one.number > number);
      drop(start === -1 ? kept.length : start);
      if (kept[0]?.number !== number + 1) return undefined;
      const gap = kept.findIndex((one, place) => one.number !== number + 1 + place);
      if (gap !== -1 && gap < limit) return undefined;
      return kept.slice(0, limit);
    },
  };
}

interface Standardised {
  readonly record: StandardRecord;
  readonly settings: StandardiseSettings;
}

/** By the very bytes that were logged: whoever writes others has nothing remembered. */
const standardised = new WeakMap<Uint8Array, Standardised>();

export function rememberStandard(
  payload: Uint8Array,
  record: StandardRecord,
  settings: StandardiseSettings,
): void {
  standardised.set(payload, { record, settings });
}

/** Undefined: unknown, or made by other settings. */
export function recallStandard(
  payload: Uint8Array,
  settings: StandardiseSettings,
): StandardRecord | undefined {
  const known = standardised.get(payload);
  return known?.settings === settings ? known.record : undefined;
}
