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
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeWords: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'failed',
  2: 'the command line was not understood',
  3: 'the config has problems',
  4: 'the store is in use by another process or does not answer',
};
