// Reads a plugin's pages within bounds: what stalls is given up, what floods is slowed down, what makes
// no sense is named, and an end that was asked for is waited for only so long.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, SourcePage } from '@tributary/sdk';

export interface ReadPagesOptions {
  readonly clock: Clock;
  /** Asks the plugin to end. */
  readonly signal: AbortSignal;
  /** A page must come within so many milliseconds; undefined: whenever it comes. */
  readonly stallMs: number | undefined;
  /** How long after the signal the plugin may take to end. Default 5,000. */
  readonly graceMs?: number;
}

/** More in one transaction would hold up everybody else's. */
export const mostRecordsOfPage = 10_000;
/** So many empty pages in a row are nobody's business. */
const patientWith = 10;
const longestPauseMs = 1_000;

export async function* readPages(
  pages: AsyncIterable<SourcePage>,
  options: ReadPagesOptions,
): AsyncGenerator<SourcePage> {
  const iterator = pages[Symbol.asyncIterator]();
  let empty = 0;
  try {
    for (;;) {
      const result = await bounded(iterator.next(), options);
      if (result === undefined || result.done === true) return;
      const page = checkPage(result.value);
      yield page;
      empty = page.records.length > 0 ? 0 : empty + 1;
      // A generator that never waits for anything would let nobody else run.
      await nextTurn();
      if (empty > patientWith) await pause(empty, options);
    }
  } finally {
    // One that is stuck does not hear this; it is no longer listened to.
    iterator.return?.(undefined).catch(() => undefined);
  }
}

async function pause(empty: number, { clock, signal }: ReadPagesOptions): Promise<void> {
  const milliseconds = Math.min(longestPauseMs, empty * patientWith);
  await clock.sleep(milliseconds, signal).catch(() => undefined);
}

/** Undefined: it was asked to end and did not. */
async function bounded<Value>(
  work: Promise<Value>,
  { clock, signal, stallMs, graceMs = 5_000 }: ReadPagesOptions,
): Promise<Value | undefined> {
  const over = new AbortController();
  const never = (): Promise<never> => new Promise(() => undefined);
  const stalled =
    stallMs === undefined
      ? never()
      : clock.sleep(stallMs, over.signal).then(() => {
          throw new Error(
            `SOURCE_STALLED: found no page within ${stallMs / 1_000} s, expected one. The pull is begun anew; the plugin waits for something that does not come.`,
          );
        }, never);
  const ended = whenAborted(signal, over.signal).then(() =>
    clock.sleep(graceMs, over.signal).then(() => undefined, never),
  );
  try {
    return await Promise.race([work, stalled, ended]);
  } finally {
    over.abort();
  }
}

function whenAborted(signal: AbortSignal, over: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true, signal: over });
  });
}

function checkPage(page: unknown): SourcePage {
  if (!isPage(page)) {
    throw new Error(
      'SOURCE_NONSENSE: found a page without a list of records, expected { records, checkpoint }. Mend or update the plugin.',
    );
  }
  const { records } = page;
  if (records.length > mostRecordsOfPage) {
    throw new Error(
      `SOURCE_PAGE_TOO_LARGE: found ${records.length} records in one page, expected at most ${mostRecordsOfPage}. Let the plugin yield several pages.`,
    );
  }
  return page;
}

function isPage(value: unknown): value is SourcePage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'records' in value &&
    Array.isArray(value.records)
  );
}
