// One statement on one connection: parameters in, rows out, time told, failure in the store's
// own words. Both drivers speak PostgreSQL's wire protocol through `pg`, so both come through here.
import type { ClientBase } from 'pg';
import { storeErrorFrom } from './errors.ts';
import { encodeParameters } from './parameters.ts';
import type { Lane, Statement } from './store.ts';

/** Hears of each statement that ran: what it took, and how long its work had waited for a turn. */
export type StatementObserver = (
  lane: Lane,
  name: string,
  milliseconds: number,
  waitedMilliseconds: number,
) => void;

export interface StatementTiming {
  readonly clock: () => number;
  /** Called with the statement's name and its milliseconds, sent to answered. */
  readonly observe: (name: string, milliseconds: number) => void;
}

export async function runStatement<Row extends object>(
  client: ClientBase,
  statement: Statement,
  parameters: readonly unknown[],
  timing: StatementTiming,
): Promise<Row[]> {
  const values = encodeParameters(statement, parameters);
  const started = timing.clock();
  try {
    const result = await client.query<Row>({
      text: statement.text,
      values,
      ...(statement.prepared === false ? {} : { name: statement.name }),
    });
    return result.rows;
  } catch (error) {
    throw storeErrorFrom(error, `statement ${statement.name}`);
  } finally {
    timing.observe(statement.name, timing.clock() - started);
  }
}
