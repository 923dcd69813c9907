// The store's errors: a closed list of codes that callers act on, compared by code. What the
// database says may quote a person's data, so values are cut out before a message leaves here.

export const storeErrorCodes = [
  'STORE_LOCKED',
  'STORE_ABSENT',
  'STORE_PRESENT',
  'STORE_UNAVAILABLE',
  'STORE_CLOSED',
  'STORE_NOT_ON_DUTY',
  'STORE_SCHEMA_NEWER',
  'STORE_MIGRATION_FAILED',
  'STORE_STATEMENT_INVALID',
  'STORE_STATEMENT_FAILED',
  'STORE_PARAMETER_INVALID',
  'STORE_VALUE_INVALID',
  'STORE_TRANSACTION_ENDED',
  'STORE_TRANSACTION_TIMEOUT',
  'STORE_NESTED',
  'STORE_SETTINGS_INVALID',
] as const;
export type StoreErrorCode = (typeof storeErrorCodes)[number];

export interface StoreErrorDetails {
  /** The five characters of PostgreSQL's SQLSTATE, where the database refused a statement. */
  readonly sqlState?: string | undefined;
  /** The constraint that was violated, where one was. */
  readonly constraint?: string | undefined;
  readonly cause?: unknown;
}

const marker: unique symbol = Symbol.for('tributary.store-error');

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly sqlState: string | undefined;
  readonly constraint: string | undefined;
  readonly [marker] = true;

  constructor(code: StoreErrorCode, message: string, details: StoreErrorDetails = {}) {
    super(
      `${code}: ${message}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.sqlState = details.sqlState;
    this.constraint = details.constraint;
  }
}

/** True for an error of the store; with a code, only for that one. */
export function isStoreError(error: unknown, code?: StoreErrorCode): error is StoreError {
  if (typeof error !== 'object' || error === null || !(marker in error)) return false;
  return code === undefined || ('code' in error && error.code === code);
}

/**
 * True for errors that say nothing about what was to be written: the database is away or chose a loser,
 * the hub is stopping, another process works. What failed will do so no more when it is tried again.
 */
export function isPassingFailure(error: unknown): boolean {
  if (!isStoreError(error)) return false;
  return passingCodes.has(error.code) || error.sqlState?.startsWith('40') === true;
}

/** True where a statement or a transaction was ended because it took too long, or waited for a lock too long. */
export function isOutOfTime(error: unknown): boolean {
  if (!isStoreError(error)) return false;
  return error.code === 'STORE_TRANSACTION_TIMEOUT' || outOfTimeStates.has(error.sqlState ?? '');
}

/** query_canceled, lock_not_available */
const outOfTimeStates: ReadonlySet<string> = new Set(['57014', '55P03']);

const passingCodes: ReadonlySet<StoreErrorCode> = new Set([
  'STORE_UNAVAILABLE',
  'STORE_CLOSED',
  'STORE_NOT_ON_DUTY',
]);

/** Whatever a driver threw while `where` ran, as an error of the store. */
export function storeErrorFrom(error: unknown, where: string): StoreError {
  if (isStoreError(error)) return error;
  const found = describeFailure(error);
  if (found.sqlState === undefined || unavailableStates.test(found.sqlState)) {
    return new StoreError(
      'STORE_UNAVAILABLE',
      `${where}: ${found.message}. Whether it took effect is unknown; try again once the database answers.`,
      { sqlState: found.sqlState },
    );
  }
  return new StoreError(
    'STORE_STATEMENT_FAILED',
    `${where}: the database refused it (${found.sqlState}): ${found.message}`,
    { sqlState: found.sqlState, constraint: found.constraint },
  );
}

/**
 * Connection exceptions, too many connections, operator intervention, system errors; and a server that only
 * reads: another one has taken its place.
 */
const unavailableStates = /^(08|53|57P|58|25006)/;

/** True where the database did not refuse: it went away, or told everybody to. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { sqlState, message } = describeFailure(error);
  if (sqlState !== undefined) return unavailableStates.test(sqlState);
  return /^E[A-Z]+$/.test(textField(error, 'code') ?? '') || lostWords.test(message);
}

/** `pg` gives such errors no code. */
const lostWords = /^Connection terminated|connection error and is not queryable|Client was closed/;

interface Failure {
  readonly message: string;
  readonly sqlState: string | undefined;
  readonly constraint: string | undefined;
}

/** The `detail`, `hint` and `where` of a database error hold row values: they are left behind. */
function describeFailure(error: unknown): Failure {
  if (!(error instanceof Error)) {
    return { message: 'unknown failure', sqlState: undefined, constraint: undefined };
  }
  const sqlState = textField(error, 'code');
  // `EPIPE` has five capitals, too: what the system says comes with the call that failed.
  const isOfSystem = textField(error, 'syscall') !== undefined;
  const isSqlState = sqlState !== undefined && !isOfSystem && /^[0-9A-Z]{5}$/.test(sqlState);
  return {
    message: isSqlState ? withoutValues(error.message) : error.message,
    sqlState: isSqlState ? sqlState : undefined,
    constraint: textField(error, 'constraint'),
  };
}

/** PostgreSQL puts an offending value behind a colon, in double quotes. */
function withoutValues(message: string): string {
  return message.replace(/: ".*"/s, ': "…"');
}

function textField(value: object, field: string): string | undefined {
  const found: unknown = Reflect.get(value, field);
  return typeof found === 'string' ? found : undefined;
}
