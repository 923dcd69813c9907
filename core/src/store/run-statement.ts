// One statement on one connection: parameters in, rows out, time told, failure in the store's
// own words. Both drivers speak PostgreSQL's wire protocol through `pg`, so both come through here.
import type { ClientBase, QueryResult } from 'pg';
import { storeErrorFrom } from './errors.ts';
import { encodeParameters, type EncodedParameter } from './parameters.ts';
import { asItSeesFit, byIndexes } from './planner.ts';
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
    const result = await send<Row>(client, statement, values);
    return result.rows;
  } catch (error) {
    throw storeErrorFrom(error, `statement ${statement.name}`);
  } finally {
    timing.observe(statement.name, timing.clock() - started);
  }
}

function send<Row extends object>(
  client: ClientBase,
  { name, text, prepared }: Statement,
  values: EncodedParameter[],
): Promise<QueryResult<Row>> {
  if (prepared !== false) return client.query<Row>({ name, text, values });
  // All three are on their way before the first is answered. Where one fails, so does the statement.
  void client.query(asItSeesFit).catch(() => undefined);
  const result = client.query<Row>({ text, values });
  void client.query(byIndexes).catch(() => undefined);
  return result;
}
