// The store as the holder of duty sees it. Each transaction holds the claim while it lasts, so that nobody
// takes over in the middle of it; and one that was begun by a holder of before is refused. A statement that
// stands alone is such a transaction too, unless it only reads.
import { StoreError } from '../store/errors.ts';
import type { Statement, Store } from '../store/store.ts';
import { lockDuty } from './plans.ts';

export interface HeldClaim {
  readonly owner: string;
  readonly epoch: number;
}

export function fence(store: Store, claim: () => HeldClaim | undefined): Store {
  const transaction: Store['transaction'] = (lane, work) =>
    store.transaction(lane, async (inner) => {
      const held = claim();
      if (held === undefined) throw notOnDuty();
      // Not awaited yet: it travels with the first statement of the work.
      const lock = inner.query(lockDuty, [held.owner, held.epoch]);
      lock.catch(() => undefined); // it fails the transaction by itself
      const result = await work(inner);
      if ((await lock).length === 0) throw notOnDuty();
      return result;
    });
  return {
    ...store,
    transaction,
    query: (lane, statement, parameters) =>
      onlyReads(statement)
        ? store.query(lane, statement, parameters)
        : transaction(lane, (inner) => inner.query(statement, parameters)),
  };
}

/** Rather one too many is fenced: a lock counts as writing, and so does the word in a text. */
function onlyReads({ text }: Statement): boolean {
  return /^(SELECT|WITH)\b/i.test(text) && !/\b(INSERT|UPDATE|DELETE|MERGE)\b/i.test(text);
}

function notOnDuty(): StoreError {
  return new StoreError(
    'STORE_NOT_ON_DUTY',
    'found another process on duty, expected this one. Nothing was written; the other goes on with it.',
  );
}
