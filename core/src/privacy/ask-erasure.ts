// An erasure begins as a delete record in the log, like one that a source sends: it is durable, stops what
// is on its way before anybody is answered, and a rebuild carries it out again.
import { randomUUID } from 'node:crypto';
import { isJsonObject, type DeleteRecord, type JsonObject } from '@tributary/sdk';
import { rewriteLog } from '../intake/rewrite-log.ts';
import { refold } from '../resolve/refold.ts';
import { standardiseRows, type EventRow } from '../resolve/read-batch.ts';
import { internalSource } from '../sources/internal-source.ts';
import { cut, mostInRecord } from './cut.ts';
import type { Person } from './find-person.ts';
import { selectEventsAt, selectSharedFacts } from './plans.ts';
import type { PrivacyWorld } from './world.ts';

export interface Asking {
  /** False: more records of the same request follow. */
  readonly isLast: boolean;
  readonly id: string;
  readonly actor: string;
  readonly origin: 'api' | 'journal';
}

export function newAsking(actor: string): Asking {
  return { id: randomUUID(), actor, origin: 'api', isLast: true };
}

/** @param at up to when; undefined: until now. */
export async function askErasure(
  person: Person,
  asking: Asking,
  world: PrivacyWorld,
  at?: number,
): Promise<void> {
  await forgetOnSharedDevices(person.profileIds, world);
  const { id, actor, origin } = asking;
  const parts = cut(person.identifiers, mostInRecord);
  await world.intake.submit({
    source: internalSource,
    receivedAt: world.room.now(),
    records: parts.map((identifiers, place): DeleteRecord => ({
      type: 'delete',
      messageId: `erase-${id}-${place}`,
      identifiers: identifiers.map(({ namespace, value }) => ({ namespace, value })),
      ...(at !== undefined && { timestamp: at }),
      context: {
        privacy: { request: id, actor, origin, last: place === parts.length - 1 },
      },
    })),
  });
}

/** Which request a delete record of the hub's own belongs to. */
export function askingOf(context: JsonObject): Asking | undefined {
  const { privacy } = context;
  if (!isJsonObject(privacy)) return undefined;
  const { request, actor, origin, last } = privacy;
  if (typeof request !== 'string' || typeof actor !== 'string') return undefined;
  const known = origin === 'journal' ? 'journal' : 'api';
  return { id: request, actor, origin: known, isLast: last === true };
}

const sliceSize = 500;

/**
 * A device that others own too stays theirs. What happened on it in her time goes before she does: with
 * her logins gone it would be taken for somebody else's.
 */
async function forgetOnSharedDevices(
  profileIds: readonly string[],
  { store, room }: PrivacyWorld,
): Promise<void> {
  if (profileIds.length === 0) return;
  for (let after = 0; ;) {
    const last = await store.transaction('resolve', async (transaction) => {
      const rows = await transaction.query<{ number: number }>(selectSharedFacts, [
        profileIds,
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
