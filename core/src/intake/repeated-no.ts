// A record without an id and a time of its own is known by its content, so that the same words later are a
// duplicate. But a no among them was said anew, after a yes in between perhaps: it counts each time, as a record
// of its own that is known by when it was received. A yes among them counts once: a copy that comes late, or one
// that somebody has captured, must not say it for her.
import type { ConsentRecord, SourceRecord } from '@tributary/sdk';
import { coveredIdentifiers, type StandardRecord } from '../standardise/standard-record.ts';

/** Nobody can tell whether the same words later are a copy. */
export function isKnownByContent({ messageId, isContentId, timestamp }: SourceRecord): boolean {
  return timestamp === undefined && (messageId === undefined || isContentId === true);
}

/** What a record denies and nothing else, for whom it denies it; undefined: nothing. */
export function denialsOf(
  record: SourceRecord,
  standard: StandardRecord,
): ConsentRecord | undefined {
  const consents = standard.consents.filter(({ status }) => status !== 'granted');
  if (consents.length === 0 || record.type === 'delete') return undefined;
  const { origin, trust, probability, historical } = record;
  return {
    type: 'consent',
    // Also those that it names in its traits.
    identifiers: coveredIdentifiers(standard).map(({ namespace, value }) => ({ namespace, value })),
    consents,
    ...(origin !== undefined && { origin }),
    ...(trust !== undefined && { trust }),
    ...(probability !== undefined && { probability }),
    ...(historical !== undefined && { historical }),
  };
}
