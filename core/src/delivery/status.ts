// How an instance stands, for console, metrics and alerts.
import { statement, type Queryable } from '../store/store.ts';
import { readBooks, type Book } from './books.ts';
import { readInstanceState, type InstanceState } from './instance-state.ts';
import { planningLag } from './plan/plan.ts';
import type { InstanceWorld } from './world.ts';

/** What the store says of an instance, whether it runs or not. */
export interface StoredStatus {
  readonly instance: string;
  readonly books: readonly Book[];
  /**
   * When the oldest change was planned that waits to be delivered; null: there is none. What is in doubt does
   * not wait for the destination: it may wait for a person, for ever.
   */
  readonly oldestUndelivered: number | null;
  /** Refused, waiting for other data or a replay. */
  readonly held: number;
  readonly openDeadLetters: number;
}

export interface InstanceStatus extends InstanceState, StoredStatus {
  /** Profiles that changed and are not planned yet; counted up to 100,000. */
  readonly unplanned: number;
  /** The vendor seems to be down. */
  readonly down: boolean;
  /** No call before this moment; in the past: none is held back. */
  readonly nextCallAt: number;
}

const selectWaiting = statement(
  'delivery.select_waiting',
  `SELECT least(
     (SELECT min(planned_at) FROM ledger
      WHERE instance = $1 AND status IN ('due', 'sending', 'polling')),
     (SELECT min(planned_at) FROM action
      WHERE instance = $1 AND status IN ('due', 'sending', 'polling')),
     (SELECT min(planned_at) FROM forward
      WHERE instance = $1 AND status IN ('due', 'sending', 'polling'))) AS oldest,
   (SELECT count(*) FROM ledger WHERE instance = $1 AND status = 'held') AS held,
   (SELECT count(*) FROM dead_letter WHERE instance = $1 AND state = 'open') AS letters`,
);

export async function readStatus(world: InstanceWorld): Promise<InstanceStatus> {
  const [state, stored] = await world.store.transaction('background', async (transaction) => [
    await readInstanceState(transaction, world.id),
    await readStored(transaction, world.id),
  ]);
  return {
    ...state,
    ...stored,
    unplanned: await planningLag(world),
    down: world.traffic.isDown(),
    nextCallAt: world.traffic.nextCallAt(),
  };
}

export async function readStored(queryable: Queryable, instance: string): Promise<StoredStatus> {
  const books = await readBooks(queryable, instance);
  const [row] = await queryable.query<{ oldest: number | null; held: number; letters: number }>(
    selectWaiting,
    [instance],
  );
  return {
    instance,
    books,
    oldestUndelivered: row?.oldest ?? null,
    held: row?.held ?? 0,
    openDeadLetters: row?.letters ?? 0,
  };
}
