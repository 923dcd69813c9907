// Acme's words → the hub's. What comes from outside is looked at before it is believed.
import { isJsonObject, unreadableRecord, type JsonValue, type SourceRecord } from '@tributary/sdk';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly city: string | null;
  /** Of the last change. */
  readonly version: number;
}

export function readPerson(value: unknown): Person | undefined {
  if (!isJsonObject(value)) return undefined;
  const { id, email, city, version } = value;
  if (typeof id !== 'string' || typeof email !== 'string' || typeof version !== 'number') return;
  return { id, email, city: typeof city === 'string' ? city : null, version };
}

/** What cannot be read is handed on all the same: the hub keeps it aside, to be replayed or dropped by somebody. */
export function recordOf(item: unknown): SourceRecord {
  const person = readPerson(item);
  return person ? toRecord(person) : unreadableRecord(item);
}

export function toRecord({ id, email, city, version }: Person): SourceRecord {
  return {
    type: 'identify',
    // The same change has the same id: read twice, it counts once.
    messageId: `person-${id}-${version}`,
    identifiers: [
      { namespace: 'acme_id', value: id },
      { namespace: 'email', value: email },
    ],
    traits: { city },
  };
}

/** Where the last run ended; empty at the beginning. */
export function placeOf(checkpoint: JsonValue | undefined): string {
  return typeof checkpoint === 'string' ? checkpoint : '';
}
