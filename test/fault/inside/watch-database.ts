// Failpoints around every commit, at the one place that both stores have in common: `pg`'s client. What
// a transaction is about is told by the statements that it holds.
import { Client, DatabaseError } from 'pg';
import { commitPointOf, markOfMigration, markOfVacuum, type Moment } from '../failpoints.ts';
import type { Failpoints } from './failpoint.ts';

interface Asked {
  readonly name: string | undefined;
  readonly text: string;
}

interface OpenTransaction {
  readonly marks: Set<string>;
  writes: boolean;
}

/** @param stopping true once the hub was told to stop. */
export function watchDatabase(failpoints: Failpoints, stopping: () => boolean): void {
  const open = new WeakMap<Client, OpenTransaction>();
  const { query, end } = Client.prototype;

  // oxlint-disable-next-line typescript/no-explicit-any -- stands in for all overloads of `query`
  Client.prototype.query = function watched(this: Client, ...given: any[]): any {
    const asked = readAsked(given[0]);
    const send = (): unknown => Reflect.apply(query, this, given);
    if (asked === undefined) return send();
    if (asked.text === 'BEGIN' || asked.text === 'BEGIN;') {
      open.set(this, { marks: new Set(), writes: false });
      return send();
    }
    const transaction = open.get(this);
    if (asked.text === 'COMMIT' || asked.text === 'COMMIT;') {
      open.delete(this);
      return around(this, transaction ?? none, send);
    }
    if (asked.text.startsWith('ROLLBACK')) open.delete(this);
    if (asked.name === 'audit.insert_entries') failpoints.pass('audit-append');
    if (asked.name === 'audit.insert_entries' && stopping()) failpoints.pass('stop-noted');
    if (transaction !== undefined) {
      note(transaction, asked);
      return send();
    }
    const alone = { marks: new Set<string>(), writes: false };
    note(alone, asked);
    return around(this, alone, send);
  };
  Client.prototype.end = function ended(this: Client, ...given: unknown[]): Promise<void> {
    if (stopping()) failpoints.pass('store-closing');
    // oxlint-disable-next-line typescript/no-unsafe-return -- as it is
    return Reflect.apply(end, this, given);
  };

  function around(
    client: Client,
    { marks, writes }: OpenTransaction,
    send: () => unknown,
  ): unknown {
    const point = commitPointOf(marks);
    if (!writes) return send();
    if (point === undefined) {
      failpoints.unlisted(marks);
      return send();
    }
    const pass = (moment: Moment): boolean => {
      const how = failpoints.pass(`${point.name}:${moment}`);
      if (how === 'cut') cut(client);
      return how === 'refuse';
    };
    if (pass('before')) return Promise.reject(diskFull());
    const answer = send();
    // By then the bytes have left: to the server's socket, or to the thread of the embedded one.
    setImmediate(() => pass('during'));
    if (!(answer instanceof Promise)) return answer;
    return answer.then((result: unknown) => {
      pass('after');
      return result;
    });
  }
}

const none: OpenTransaction = { marks: new Set(), writes: false };
const writing = /\b(INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|VACUUM)\b/i;
/** What says such a word and writes nothing: locks, and words in quotes. */
const harmless = /\bFOR (NO KEY )?UPDATE\b|'[^']*'/gi;

function readAsked(given: unknown): Asked | undefined {
  if (typeof given === 'string') return { name: undefined, text: given };
  if (typeof given !== 'object' || given === null) return undefined;
  const text: unknown = Reflect.get(given, 'text');
  const name: unknown = Reflect.get(given, 'name');
  if (typeof text !== 'string') return undefined;
  return { name: typeof name === 'string' ? name : undefined, text };
}

function note(transaction: OpenTransaction, { name, text }: Asked): void {
  if (writing.test(text.replaceAll(harmless, ''))) transaction.writes = true;
  transaction.marks.add(name ?? markOf(text));
}

function markOf(text: string): string {
  if (/^(CREATE|ALTER) |INSERT INTO \S*"migration"/.test(text.trim())) return markOfMigration;
  if (/^(VACUUM|ANALYZE)\b/.test(text)) return markOfVacuum;
  return text.trim().split(/\s+/).slice(0, 4).join(' ');
}

/** As when the server dies: no goodbye on the wire. */
function cut(client: Client): void {
  const connection: unknown = Reflect.get(client, 'connection');
  const stream: unknown =
    typeof connection === 'object' && connection !== null ? Reflect.get(connection, 'stream') : {};
  if (typeof stream === 'object' && stream !== null && 'destroy' in stream) {
    Reflect.apply(stream.destroy as () => void, stream, []);
  }
}

function diskFull(): DatabaseError {
  const error = new DatabaseError('could not extend file: No space left on device', 0, 'error');
  error.code = '53100';
  return error;
}
