// Acme's words → the hub's. What comes from outside is looked at before it is believed.
import { isJsonObject, type SourceRecord } from '@tributary/sdk';

export interface Order {
  readonly id: string;
  readonly email: string;
  readonly total: number;
}

export function readOrder(body: Uint8Array): Order | undefined {
  const value = parse(body);
  if (!isJsonObject(value)) return undefined;
  const { id, email, total } = value;
  if (typeof id !== 'string' || id === '' || typeof email !== 'string' || email === '') return;
  return typeof total === 'number' ? { id, email, total } : undefined;
}

export function toRecord({ id, email, total }: Order): SourceRecord {
  return {
    type: 'track',
    event: 'Order Completed',
    // Acme's own id: sent twice, it counts once.
    messageId: `order-${id}`,
    identifiers: [{ namespace: 'email', value: email }],
    properties: { order_id: id, total },
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
}
