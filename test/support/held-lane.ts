// A store on which the work of one lane can be held up, as if that part of the hub stood still while
// all others go on.
import type { Lane, Store } from '../../core/src/store/store.ts';

export interface HeldLane {
  /** The store to be used; closing it lets the lane go. */
  readonly store: Store;
  /** Nothing of the lane begins from here on. Resolves when what had begun has ended. */
  hold(): Promise<void>;
  release(): void;
}

export function createHeldLane(inner: Store, lane: Lane): HeldLane {
  let held: PromiseWithResolvers<void> | undefined;
  const underWay = new Set<Promise<unknown>>();

  const release = (): void => {
    held?.resolve();
    held = undefined;
  };
  async function pass<Result>(asked: Lane, work: () => Promise<Result>): Promise<Result> {
    if (asked !== lane) return work();
    while (held !== undefined) await held.promise;
    const working = work();
    underWay.add(working);
    try {
      return await working;
    } finally {
      underWay.delete(working);
    }
  }

  return {
    store: {
      ...inner,
      query: (asked, statement, parameters) =>
        pass(asked, () => inner.query(asked, statement, parameters)),
      transaction: (asked, work) => pass(asked, () => inner.transaction(asked, work)),
      close() {
        release();
        return inner.close();
      },
    },
    async hold() {
      held ??= Promise.withResolvers<void>();
      await Promise.allSettled(underWay);
    },
    release,
  };
}
