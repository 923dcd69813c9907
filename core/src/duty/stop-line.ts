// A withdrawal may be taken in by one process while another has a call under way that carries the person.
// The one tells the other through PostgreSQL's notifications, and waits for its answer before it
// acknowledges: the dispatch latch, across processes.
import { randomUUID } from 'node:crypto';
import { isJsonObject, type Clock } from '@tributary/sdk';
import type { AnnouncedStop } from '../delivery/dispatch-latch.ts';
import type { Listening, Store } from '../store/store.ts';
import { noteHeard, selectHolder, takeHeard, tellHolder } from './plans.ts';

/** PostgreSQL takes 8,000 bytes in one notification. */
const stopsPerMessage = 50;
const askEveryMs = 25;
/** Above what a holder that dies keeps its claim. It is durable, so to send it again loses nothing. */
const longestWaitMs = 30_000;

/** @param announce resolves when no call under way carries one of the stops. */
export async function openStopLine(
  store: Store,
  announce: (stops: readonly AnnouncedStop[]) => Promise<void>,
): Promise<Listening> {
  if (store.listen === undefined) throw new Error('the store has no notifications');
  async function hear(payload: string): Promise<void> {
    const message = parseMessage(payload);
    if (message === undefined) return;
    await announce(message.stops);
    await store.query('gate', noteHeard, [message.ask]);
  }
  // What was not heard to its end leaves the other waiting: a line that fails once is no line.
  const line = await store.listen((payload) => {
    hear(payload).catch(() => line.close());
  });
  return line;
}

export async function tellHolderOf(
  store: Store,
  { clock, monotonic }: { readonly clock: Clock; readonly monotonic: () => number },
  self: string,
  stops: readonly AnnouncedStop[],
): Promise<void> {
  const holder = await findHolder(store);
  if (holder === undefined || holder === self || store.channel === undefined) return;
  const waiting = new Set<string>();
  for (let from = 0; from < stops.length; from += stopsPerMessage) {
    const ask = randomUUID();
    waiting.add(ask);
    const message = messageText({ ask, stops: stops.slice(from, from + stopsPerMessage) });
    await store.query('gate', tellHolder, [store.channel, message]);
  }
  const until = monotonic() + longestWaitMs;
  // A holder that came after the commit finds the stops in the table.
  while (waiting.size > 0 && (await findHolder(store)) === holder) {
    const heard = await store.query<{ ask: string }>('gate', takeHeard, [[...waiting]]);
    for (const { ask } of heard) waiting.delete(ask);
    if (waiting.size > 0 && monotonic() > until) throw unheard();
    if (waiting.size > 0) await clock.sleep(askEveryMs);
  }
}

export async function findHolder(store: Store): Promise<string | undefined> {
  const [row] = await store.query<{ owner: string }>('gate', selectHolder);
  return row?.owner;
}

function unheard(): Error {
  return new Error(
    'DUTY_UNHEARD: duty: a withdrawal is kept, but the process that delivers did not answer in 30 s, expected it to have cut off what is under way. Send it again.',
  );
}

interface Message {
  readonly ask: string;
  readonly stops: readonly AnnouncedStop[];
}

function messageText({ ask, stops }: Message): string {
  const rows = stops.map((stop) => [stop.identifierHash, stop.purpose, stop.channel]);
  return JSON.stringify({ ask, stops: rows });
}

/** Undefined for what no hub said. */
function parseMessage(payload: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(payload);
    if (!isJsonObject(value) || typeof value['ask'] !== 'string') return undefined;
    const rows = Array.isArray(value['stops']) ? value['stops'] : [];
    return { ask: value['ask'], stops: rows.flatMap(readStop) };
  } catch {
    return undefined;
  }
}

function readStop(row: unknown): AnnouncedStop[] {
  if (!isList(row)) return [];
  const [identifierHash, purpose, channel] = row;
  const isStop =
    typeof identifierHash === 'string' &&
    typeof purpose === 'string' &&
    typeof channel === 'string';
  return isStop ? [{ identifierHash, purpose, channel }] : [];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
