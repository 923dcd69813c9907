// The one door to the database. Both drivers (embedded PGlite, PostgreSQL server) stand behind it,
// so that everything above writes one SQL dialect and never learns which of them runs.
import { StoreError } from './errors.ts';

/**
 * Who asks. On the embedded store one connection serves everybody, so waiting work is handed out
 * in this order; inside a lane first come, first served. Who has waited for a second is let in between.
 */
export const lanes = ['intake', 'gate', 'resolve', 'background'] as const;
export type Lane = (typeof lanes)[number];

/** A named statement; the name makes a prepared statement of it, kept by each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /**
   * False for text that is made at run time: it is not kept, since prepared statements are never
   * dropped. The name then only says what it is, to metrics and errors, and may be shared.
   */
  readonly prepared?: false;
  /** False where nobody reads what it answers: see `command`. */
  readonly answers?: false;
}

/**
 * Runs statements. Parameters and rows are plain values in both drivers alike:
 * int8 → number (refused beyond 2^53), numeric → string, timestamptz → milliseconds since 1970
 * (±Infinity for ±infinity), uuid and text → string, json and jsonb → parsed value,
 * bytea → Uint8Array, bool → boolean, arrays → arrays of these.
 * As parameters: a number for timestamptz must be turned into text by `isoTime`, but may stand as it is
 * in an array that the statement casts (`$1::timestamptz[]`); jsonb values are
 * passed as JSON text; arrays as JavaScript arrays (with a cast in the statement, `$1::uuid[]`).
 * Dates are refused, as are objects and undefined.
 *
 * On the embedded store a statement takes at most 50 ms, since all others wait for it: work in
 * keyset slices, and in batches of a few hundred rows.
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
  /**
   * Of an embedded store on disk: copies its files as they are at one moment into a folder that is
   * made, which then is a store of its own. Everybody waits while files are copied.
   */
  copyTo?(folder: string): Promise<void>;
  /** Of a server store: hears what is notified on `channel`, on a connection of its own. */
  listen?(hear: (payload: string) => void): Promise<Listening>;
  /**
   * Of a server store: from now on a connection is made only where the statement answers with a row, else
   * it fails with STORE_UNAVAILABLE and these words. Those that are open stay.
   */
  guardConnections?(statement: Statement, parameters: readonly string[], refusal: string): void;
  /** Of a server store: where its processes tell each other something; one for each schema. */
  readonly channel?: string;
  close(): Promise<void>;
}

/** PostgreSQL cuts longer names in silence, so that two statements would become one. */
const longestName = 63;

export interface Listening {
  /** False once the connection was lost. */
  readonly isOpen: boolean;
  /** Resolves when the server has answered on this very connection. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Names a statement; whitespace at both ends is dropped. */
export function statement(name: string, text: string): Statement {
  if (name === '' || Buffer.byteLength(name) > longestName) throw invalidName(name);
  return { name, text: text.trim() };
}

/**
 * A statement that has no rows to answer with. Inside a transaction its promise resolves, with no rows,
 * once it is on its way: the work goes on while the database does it, and where it fails the transaction
 * does not commit.
 */
export function command(name: string, text: string): Statement {
  return { ...statement(name, text), answers: false };
}

/** A statement whose text is made at run time, e.g. from an audience's rule. */
export function dynamicStatement(name: string, text: string): Statement {
  return { name, text: text.trim(), prepared: false };
}

function invalidName(name: string): StoreError {
  return new StoreError(
    'STORE_STATEMENT_INVALID',
    `statement "${name}": found a name of ${Buffer.byteLength(name)} bytes, expected 1 to ${longestName}. Choose a shorter name.`,
  );
}

/** Milliseconds since 1970 → the text form PostgreSQL reads, ±Infinity → ±infinity. */
export function isoTime(milliseconds: number): string {
  if (milliseconds === Number.POSITIVE_INFINITY) return 'infinity';
  if (milliseconds === Number.NEGATIVE_INFINITY) return '-infinity';
  const date = new Date(milliseconds);
  const text = date.toISOString();
  const year = date.getUTCFullYear();
  if (year >= 1 && year <= 9_999) return text;
  // JavaScript writes such years with a sign and six digits, and has a year zero; PostgreSQL has
  // neither.
  const rest = text.slice(7);
  return year >= 1 ? `${year}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`;
}
