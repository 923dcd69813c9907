// Acme's words → the hub's. What comes from outside is looked at before it is believed.
import {
  isJsonObject,
  PluginError,
  unreadableRecord,
  type JsonValue,
  type SourceRecord,
} from '@tributary/sdk';

export interface AcmeEvent {
  /** Grows by one with each event. */
  readonly id: number;
  readonly email: string;
  readonly name: string;
}

export function readEvent(value: unknown): AcmeEvent | undefined {
  if (!isJsonObject(value)) return undefined;
  const { id, email, name } = value;
  if (typeof id !== 'number' || typeof email !== 'string' || typeof name !== 'string') return;
  return { id, email, name };
}

/** What cannot be read is handed on all the same: the hub keeps it aside, to be replayed or dropped by somebody. */
export function recordOf(item: unknown): SourceRecord {
  const event = readEvent(item);
  return event ? toRecord(event) : unreadableRecord(item);
}

export function toRecord({ id, email, name }: AcmeEvent): SourceRecord {
  return {
    type: 'track',
    event: name,
    // Acme's own number: read twice, it counts once.
    messageId: `event-${id}`,
    identifiers: [{ namespace: 'email', value: email }],
  };
}

/** After these: whatever else of an event cannot be read, its number says where it stands. */
export function placeAfter(events: readonly unknown[], place: number): number {
  if (events.length === 0) return place;
  const id = events.flatMap((event) => idOf(event) ?? []).at(-1);
  if (id === undefined) throw new PluginError('unknown', 'found events without an id');
  return id;
}

function idOf(event: unknown): number | undefined {
  const id = isJsonObject(event) ? event['id'] : undefined;
  return typeof id === 'number' ? id : undefined;
}

/** After which event the last run ended; 0 at the beginning. */
export function placeOf(checkpoint: JsonValue | undefined): number {
  return typeof checkpoint === 'number' ? checkpoint : 0;
}
