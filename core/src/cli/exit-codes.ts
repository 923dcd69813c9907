// What the command line ends with. Scripts and service managers act on these numbers.

export const exitCodes = {
  ok: 0,
  /** Something went wrong that is none of the below. */
  failed: 1,
  /** The command line itself was not understood. */
  usage: 2,
  /** The config has problems; all of them were printed. */
  configInvalid: 3,
  /** The store is locked by another process or does not answer. */
  storeUnavailable: 4,
  /** No connection, no answer in time, or 429 and 503. */
  hubUnreachable: 5,
  /** 401 and 403. */
  forbidden: 6,
  /** 404. */
  notFound: 7,
  /** 409. */
  conflict: 8,
  /** Of `plan --exit-code` alone. */
  changes: 9,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeWords: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'failed',
  2: 'the command line was not understood',
  3: 'the config has problems; all of them were printed',
  4: 'the store is in use by another process, or does not answer',
  5: 'the hub cannot be reached, or has too much to do; try again',
  6: 'the API key is missing, is none, or its role does not allow it',
  7: 'there is no such thing',
  8: 'it stands in the way of what is there, e.g. an id that stands for several people now',
  9: 'something would change (`plan --exit-code`)',
};
