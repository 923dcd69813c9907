// What config says of privacy requests and of how long data is kept.

import type { RetentionSettings } from '../retention/settings.ts';

export interface PrivacySettings {
  /** A request is overdue after this long. Default 30 days. */
  readonly deadlineMs: number;
  /** The folder of the journal of erasures, outside the store; undefined: beside an embedded one. */
  readonly journalFolder: string | undefined;
  readonly retention: RetentionSettings;
}
