// The store as the holder of duty sees it. Each transaction holds the claim while it lasts, so that nobody
// takes over in the middle of it; and one that was begun by a holder of before is refused.
import { StoreError } from '../store/errors.ts';
import type { Store } from '../store/store.ts';
import { lockDuty } from './plans.ts';

export interface HeldClaim {
  readonly owner: string;
  readonly epoch: number;
}

export function fence(store: Store, claim: () => HeldClaim | undefined): Store {
  return {
    ...store,
    transaction: (lane, work) =>
      store.transaction(lane, async (transaction) => {
        const held = claim();
        if (held === undefined) throw notOnDuty();
        // Not awaited yet: it travels with the first statement of the work.
        const lock = transaction.query(lockDuty, [held.owner, held.epoch]);
        lock.catch(() => undefined); // it fails the transaction by itself
        const result = await work(transaction);
        if ((await lock).length === 0) throw notOnDuty();
        return result;
      }),
  };
}

function notOnDuty(): StoreError {
  return new StoreError(
    'STORE_NOT_ON_DUTY',
    'found another process on duty, expected this one. Nothing was written; the other goes on with it.',
  );
}
