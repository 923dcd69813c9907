// Whether an erasure was committed since it was decided what may be written: several processes take records
// in, and the row of the log's head, which each of them locks, tells. Nothing is asked while nobody is erased.
import { isStoreError } from '../store/errors.ts';
import type { Store } from '../store/store.ts';
import { selectErasures } from './plans.ts';

export interface ErasuresKnown {
  /** How many commits with erasures this process knows of; to be asked before anything is decided by them. */
  count(): Promise<number>;
  /** This process has committed one more. */
  add(): void;
  /** There are others. */
  forget(): void;
}

export function createErasuresKnown(store: Pick<Store, 'query'>): ErasuresKnown {
  let known: number | undefined;
  return {
    async count() {
      if (known !== undefined) return known;
      const [row] = await store.query<{ erasures: number }>('intake', selectErasures);
      known = row?.erasures ?? 0;
      return known;
    },
    add() {
      if (known !== undefined) known += 1;
    },
    forget() {
      known = undefined;
    },
  };
}

/** It was decided without an erasure that is durable by now; nothing was written. */
export function isDecidedTooEarly(error: unknown): boolean {
  return isStoreError(error) && error.constraint === 'log_head_erasures_known';
}
