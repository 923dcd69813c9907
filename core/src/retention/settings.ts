// What config says of how long data is kept that no source and no purpose speaks for. Milliseconds; undefined:
// for good.
export interface RetentionSettings {
  /** People of whom nothing was heard for so long are forgotten. */
  readonly peopleMs: number | undefined;
  /** The same for people who have granted no purpose. */
  readonly withoutPurposeMs: number | undefined;
  /** Records that could not be taken. */
  readonly quarantineMs: number | undefined;
  /** What destinations refused. */
  readonly deadLettersMs: number | undefined;
}

export const keepsAll: RetentionSettings = {
  peopleMs: undefined,
  withoutPurposeMs: undefined,
  quarantineMs: undefined,
  deadLettersMs: undefined,
};
