// Acme's words → the hub's. What comes from outside is looked at before it is believed.
import { isJsonObject, type JsonValue, type SourceRecord } from '@tributary/sdk';

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

export function toRecord({ id, email, name }: AcmeEvent): SourceRecord {
  return {
    type: 'track',
    event: name,
    // Acme's own number: read twice, it counts once.
    messageId: `event-${id}`,
    identifiers: [{ namespace: 'email', value: email }],
  };
}

/** After which event the last run ended; 0 at the beginning. */
export function placeOf(checkpoint: JsonValue | undefined): number {
  return typeof checkpoint === 'number' ? checkpoint : 0;
}
