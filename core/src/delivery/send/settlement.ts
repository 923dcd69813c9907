// How one delivery ended, from whichever side: the gate, the plugin's outcome, its error. The one
// closed list that states, actions and events all settle by.
import type { RetryCause } from '@tributary/sdk';

export type Settlement =
  | { readonly kind: 'delivered'; readonly vendorId?: string }
  | {
      readonly kind: 'accepted';
      readonly job: string;
      readonly pollAt: number;
      readonly vendorId?: string;
    }
  /** It may have happened. */
  | { readonly kind: 'in_doubt'; readonly reason: string; readonly counts: boolean }
  /** It did not happen. `counts`: whether this used up an attempt. */
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly counts: boolean;
      /** As the plugin told it of this one delivery. */
      readonly because?: RetryCause;
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'rejected'; readonly reason: string; readonly code: string }
  | { readonly kind: 'filtered'; readonly by: 'gate' | 'plugin'; readonly reason: string }
  /** Before the request it turned out to be no longer wanted. */
  | { readonly kind: 'superseded'; readonly reason: string }
  /** Not now, nothing happened: another look at `until`. */
  | { readonly kind: 'deferred'; readonly until: number };
