// An erasure begins as a delete record in the log, like one that a source sends: it is durable, stops what
// is on its way before anybody is answered, and a rebuild carries it out again.
import type { DeleteRecord, SourceRecord } from '@tributary/sdk';
import { rewriteLog } from '../intake/rewrite-log.ts';
import { refold } from '../resolve/refold.ts';
import type { EventRow } from '../resolve/event-row.ts';
import { standardiseRows } from '../resolve/read-batch.ts';
import { isoTime } from '../store/store.ts';
import type { Asking } from './asking.ts';
import { cut } from './cut.ts';
import type { Person } from './find-person.ts';
import { selectEventsAt, selectSharedFacts } from './plans.ts';
import type { PrivacyWorld } from './world.ts';

export interface Erasing {
  /** Up to when; left out: until now. */
  readonly at?: number;
  /** Taken in with it: what is to be known afterwards. */
  readonly afterwards?: readonly SourceRecord[];
}

/** A record is read and written whole; the hub's own door has no bound on it. */
const mostInRecord = 20;

/** Once it resolves, all of it is durable. */
export async function askErasure(
  { identifiers }: Pick<Person, 'identifiers'>,
  asking: Asking,
  world: PrivacyWorld,
  { at, afterwards = [] }: Erasing = {},
): Promise<void> {
  const hashes = identifiers.map(({ hash }) => hash);
  await forgetOnSharedDevices(hashes, at ?? world.room.now(), world);
  const { id, actor, origin } = asking;
  const parts = cut(identifiers, mostInRecord);
  const deletes = parts.map((part, place): DeleteRecord => ({
    type: 'delete',
    messageId: `erase-${id}-${place}`,
    identifiers: part.map(({ namespace, value }) => ({ namespace, value })),
    ...(at !== undefined && { timestamp: at }),
    context: {
      privacy: { request: id, actor, origin, last: place === parts.length - 1 },
    },
  }));
  const receipt = await world.intake.say([...deletes, ...afterwards], world.room.now());
  const refused = receipt.quarantined.find(({ index }) => index < deletes.length);
  if (refused !== undefined) throw new Error(refused.message);
}

const sliceSize = 500;

/**
 * A device that others own too is none of her identifiers, and stays theirs. What happened on it in her time
 * goes before she does: with her logins gone it would be taken for somebody else's, who owns it already or,
 * where the store is a backup, comes to it only now.
 */
async function forgetOnSharedDevices(
  hashes: readonly string[],
  at: number,
  { store, room }: PrivacyWorld,
): Promise<void> {
  for (let after = 0; ;) {
    const last = await store.transaction('resolve', async (transaction) => {
      const rows = await transaction.query<{ number: number }>(selectSharedFacts, [
        hashes,
        isoTime(at),
        after,
        sliceSize,
      ]);
      const numbers = rows.map(({ number }) => number);
      if (numbers.length === 0) return undefined;
      const events = await transaction.query<EventRow>(selectEventsAt, [numbers]);
      const { records } = standardiseRows(events, { ...room, skip: new Map() });
      await rewriteLog(
        transaction,
        numbers.map((number) => ({ number, stored: { reduced: 'gone' } })),
      );
      const before = records.flatMap(({ subject, number }) =>
        subject === undefined ? [] : [{ hash: subject.hash, number }],
      );
      await refold(transaction, { before, after: [] }, room);
      return numbers.at(-1);
    });
    if (last === undefined) return;
    after = last;
  }
}
