// What the harness tells a hub that it starts: where to die, what to meddle with, which clock to believe.
// It travels in one environment variable.

export interface Place {
  /** Of the table of failpoints. */
  readonly at: string;
  /** The how-manyth time, from 1. */
  readonly nth: number;
}

export interface Orders {
  readonly kill?: Place;
  /** `cut`: the database connection breaks. `refuse`: the database says that its disk is full. */
  readonly meddle?: readonly (Place & { readonly how: 'cut' | 'refuse' })[];
  readonly clock?: { readonly afterMs: number; readonly offsetMs: number };
  /** A bug of `bugs.ts` that is planted. */
  readonly bug?: string;
  /** Where each failpoint is noted when it is first passed, and each writing transaction without a row. */
  readonly log: string;
}

export const ordersVariable = 'TRIBUTARY_FAULT';

export function readOrders(environment: NodeJS.ProcessEnv): Orders | undefined {
  const text = environment[ordersVariable];
  return text === undefined ? undefined : (JSON.parse(text) as Orders);
}
