// Reads for people: behind everything that the hub itself is waiting for.
import type { Queryable, Statement, Store } from './store.ts';

export function readerOf(store: Store): Queryable {
  return {
    query: <Row extends object>(statement: Statement, parameters?: readonly unknown[]) =>
      store.query<Row>('background', statement, parameters),
  };
}
