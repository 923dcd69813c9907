// Who took a decision, and when: the log says so, for as long as nobody it speaks of was erased.
import { isDecision } from '../standardise/decision-record.ts';
import { decodePayload } from '../standardise/payload-codec.ts';
import type { Queryable } from '../store/store.ts';
import { selectEventsByNumber } from './plans.ts';
import type { EventRow } from './event-row.ts';

export interface Decider {
  /** `key:<id>`, as the audit log names her. */
  readonly actor: string;
  readonly at: number;
}

/** By log number; of records that are no decisions, nothing. */
export async function readDeciders(
  queryable: Queryable,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, Decider>> {
  if (numbers.length === 0) return new Map();
  const rows = await queryable.query<EventRow>(selectEventsByNumber, [[...new Set(numbers)]]);
  return new Map(
    rows.flatMap(({ number, key_id, payload, at }): [number, Decider][] => {
      const stored = decodePayload({ keyId: key_id, bytes: payload });
      return isDecision(stored) ? [[number, { actor: stored.actor, at }]] : [];
    }),
  );
}
