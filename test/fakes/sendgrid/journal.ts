// Every request that arrived, what it carried about whom, and what became of it: what tests assert
// on and what the overview page shows.

export interface JournalKey {
  /** The contact as the request names it; a contact id is resolved to the e-mail it stood for. */
  readonly key: string;
  readonly action:
    'upsert' | 'add' | 'remove' | 'delete' | 'erase' | 'search' | 'mail' | 'suppress';
  /** The list's id, for `add` and `remove`. */
  readonly list?: string;
}

/**
 * `answered`: the whole answer was written. `cut`: half of it. `lost`: the request took effect and
 * was never answered. `reset`: the connection was reset before any effect. `pending`: not done yet.
 */
export type JournalOutcome = 'pending' | 'answered' | 'cut' | 'lost' | 'reset';

export interface JournalEntry {
  readonly number: number;
  /** Milliseconds since 1970 by the process's own clock, when the head of the request was read. */
  readonly receivedAt: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: unknown;
  readonly keys: readonly JournalKey[];
  readonly fault: string | null;
  readonly status: number | null;
  /** True when the vendor took the request (2xx), whether or not the answer arrived. */
  readonly effect: boolean;
  readonly outcome: JournalOutcome;
  readonly answeredAt: number | null;
}

export interface Journal {
  readonly entries: readonly JournalEntry[];
  open(start: Pick<JournalEntry, 'receivedAt' | 'method' | 'path' | 'query'>): JournalRecorder;
  clear(): void;
}
export interface JournalRecorder {
  note(change: Partial<Pick<JournalEntry, 'body' | 'keys' | 'fault' | 'status' | 'effect'>>): void;
  close(outcome: Exclude<JournalOutcome, 'pending'>): void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Keeps the newest `limit` requests: a sandbox may run for weeks. */
export function createJournal(limit: number, now: () => number): Journal {
  const entries: JournalEntry[] = [];
  let count = 0;
  return {
    entries,
    open(start) {
      const entry: Mutable<JournalEntry> = {
        number: ++count,
        ...start,
        body: null,
        keys: [],
        fault: null,
        status: null,
        effect: false,
        outcome: 'pending',
        answeredAt: null,
      };
      entries.push(entry);
      if (entries.length > limit) entries.splice(0, entries.length - limit);
      return {
        note: (change) => void Object.assign(entry, change),
        close(outcome) {
          entry.outcome = outcome;
          entry.answeredAt = now();
        },
      };
    },
    clear() {
      entries.length = 0;
    },
  };
}
