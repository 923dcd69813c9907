// Sources that an operator paused. Each is a row, so that it stays paused over restarts and in every process.
// Requests are many, so they go by what was read a moment ago.
import { isoTime, type Store, type Transaction } from '../store/store.ts';
import { deletePause, insertPause, selectPauses } from './plans.ts';

export interface PausedSources {
  /** As of a second ago at most, or as it was when the store last answered. Does not reject. */
  list(): Promise<ReadonlySet<string>>;
  /** Reads anew for whoever asks next. */
  forget(): void;
}

const freshMs = 1_000;

export function createPausedSources(store: Pick<Store, 'query'>, now: () => number): PausedSources {
  let reading: Promise<ReadonlySet<string>> | undefined;
  let readAt = 0;
  let last: ReadonlySet<string> = new Set();
  const read = async (): Promise<ReadonlySet<string>> => {
    try {
      last = await readPaused(store);
    } catch {
      // Whoever sends hears from intake that the store is away.
    }
    return last;
  };
  return {
    list() {
      if (reading === undefined || now() - readAt >= freshMs) {
        readAt = now();
        reading = read();
      }
      return reading;
    },
    forget() {
      reading = undefined;
    },
  };
}

export async function readPaused(store: Pick<Store, 'query'>): Promise<ReadonlySet<string>> {
  const rows = await store.query<{ source: string }>('gate', selectPauses);
  return new Set(rows.map(({ source }) => source));
}

export async function putPause(
  transaction: Transaction,
  source: string,
  at: number,
): Promise<void> {
  await transaction.query(insertPause, [source, isoTime(at)]);
}

/** False: nobody had paused it. */
export async function takePause(transaction: Transaction, source: string): Promise<boolean> {
  const rows = await transaction.query(deletePause, [source]);
  return rows.length > 0;
}

export function pausedText(source: string): string {
  return `SOURCE_PAUSED: source ${source}: paused by an operator. Resume it: tributary source resume ${source}`;
}
