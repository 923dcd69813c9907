// The one door to the database. Both drivers (embedded PGlite, PostgreSQL server) stand behind it,
// so that everything above writes one SQL dialect and never learns which of them runs.

/**
 * Who asks. On the embedded store one connection serves everybody, so waiting work is handed out
 * in this order; inside a lane first come, first served.
 */
export const lanes = ['intake', 'gate', 'resolve', 'background'] as const;
export type Lane = (typeof lanes)[number];

/** A named statement; the name makes a prepared statement of it where the driver has them. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * Runs statements. Parameters and rows are plain values in both drivers alike:
 * int8 → number (refused beyond 2^53), numeric → string, timestamptz → milliseconds since 1970
 * (±Infinity for ±infinity), uuid and text → string, json and jsonb → parsed value,
 * bytea → Uint8Array, bool → boolean, arrays → arrays of these.
 * As parameters: a number for timestamptz must be turned into text by `isoTime`; jsonb values are
 * passed as JSON text; arrays as JavaScript arrays (with a cast in the statement, `$1::uuid[]`).
 */
export interface Queryable {
  query<Row extends object = Record<string, unknown>>(
    statement: Statement,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
}

/** Only what is passed to the work function may be used inside a transaction. */
export type Transaction = Queryable;

export interface Store {
  readonly kind: 'embedded' | 'server';
  /** One statement in a transaction of its own. */
  query<Row extends object = Record<string, unknown>>(
    lane: Lane,
    statement: Statement,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
  /** Commits when `work` resolves, rolls back when it rejects. Resolves after the commit is durable. */
  transaction<T>(lane: Lane, work: (transaction: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Names a statement; whitespace at both ends is dropped. */
export function statement(name: string, text: string): Statement {
  return { name, text: text.trim() };
}

/** Milliseconds since 1970 → the text form PostgreSQL reads, ±Infinity → ±infinity. */
export function isoTime(milliseconds: number): string {
  if (milliseconds === Number.POSITIVE_INFINITY) return 'infinity';
  if (milliseconds === Number.NEGATIVE_INFINITY) return '-infinity';
  return new Date(milliseconds).toISOString();
}
