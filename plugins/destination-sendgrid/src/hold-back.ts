// What overtook its own addition would be undone by it: it waits until that job has run.
import type { DeliveryBase, DeliveryOutcome, Outcome } from '@tributary/sdk';
import { listsBehind } from './absence.ts';
import { addingKey, type SendgridCall } from './connection.ts';
import { readImport } from './imports.ts';

/** SendGrid's jobs take seconds to minutes. */
const stillAddingMs = 5_000;

const stillAdding: Outcome = {
  kind: 'retry',
  reason: 'SendGrid is still adding this contact',
  because: 'not_sent',
  retryAfterMs: stillAddingMs,
};

export interface Held<Delivery> {
  readonly early: readonly DeliveryOutcome[];
  readonly ready: readonly Delivery[];
}

/** Of a list, or of the contact as a whole where it is empty. */
export async function holdBack<Delivery extends DeliveryBase>(
  call: SendgridCall,
  listId: string,
  deliveries: readonly Delivery[],
): Promise<Held<Delivery>> {
  const { connection, signal } = call;
  const running = new Map<string, boolean>();
  const isRunning = async (job: string): Promise<boolean> => {
    const known = running.get(job);
    if (known !== undefined) return known;
    const { status } = await readImport(connection.client, job, signal);
    running.set(job, status === 'pending');
    return status === 'pending';
  };
  const early: DeliveryOutcome[] = [];
  const ready: Delivery[] = [];
  for (const delivery of deliveries) {
    let isHeld = false;
    for (const list of listsBehind(call, listId)) {
      const key = addingKey(list, delivery.key);
      const job = connection.adding.get(key);
      if (job === undefined) continue;
      if (await isRunning(job)) isHeld = true;
      else connection.adding.delete(key);
    }
    if (isHeld) early.push({ handle: delivery.handle, outcome: stillAdding });
    else ready.push(delivery);
  }
  return { early, ready };
}
