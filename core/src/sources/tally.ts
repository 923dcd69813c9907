// Counts what a source brought and remembers how it stands.
import type { Receipt } from '@tributary/sdk';
import type { SourceState, SourceStatus } from './source-instance.ts';

export interface SourceTally {
  state(state: SourceState, message?: string): void;
  page(receipt: Receipt, at: number): void;
  status(): SourceStatus;
}

export function createSourceTally(id: string): SourceTally {
  let state: SourceState = 'waiting';
  let message: string | undefined;
  let lastAt: number | undefined;
  const counts = { accepted: 0, duplicates: 0, quarantined: 0 };
  return {
    state(next, why) {
      state = next;
      message = why;
    },
    page(receipt, at) {
      lastAt = at;
      counts.accepted += receipt.accepted;
      counts.duplicates += receipt.duplicates;
      counts.quarantined += receipt.quarantined.length;
    },
    status: () => ({ id, state, message, lastAt, ...counts }),
  };
}
