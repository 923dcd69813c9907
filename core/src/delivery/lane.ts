// The order in which events are forwarded: per visitor of a source, by the identifier that a
// visitor keeps. It never changes afterwards, whoever the visitor turns out to be.
import { createHash } from 'node:crypto';
import type { StandardRecord } from '../standardise/standard-record.ts';
import { uuidOf } from './plan/vendor-keys.ts';

export function laneOf(record: StandardRecord): string {
  const named = (namespace: string): string | undefined =>
    record.identifiers.find((identifier) => identifier.namespace === namespace)?.hash;
  const visitor =
    named('anonymous_id') ?? named('user_id') ?? record.subject?.hash ?? record.messageHash;
  return uuidOf(
    createHash('sha256')
      .update(JSON.stringify([record.source, visitor]))
      .digest('hex'),
  );
}

/** A lane for one event alone, for what is sent again out of its order. */
export function loneLane(number: number): string {
  return uuidOf(createHash('sha256').update(`event ${number}`).digest('hex'));
}
