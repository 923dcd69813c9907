// Requests to Acme, through the hub's fetch: time-outs, bounds and what a broken connection means come
// with it. No retries here: the hub waits, counts and tries again for all plugins.
import {
  classifyStatus,
  isPluginError,
  outcomeOfError,
  sameOutcome,
  type ActionDelivery,
  type DeliveryOutcome,
  type DestinationCall,
  type Outcome,
  type PluginError,
} from '@tributary/sdk';
import { isTaken, toMessage } from './map.ts';

export interface Settings {
  readonly apiKey: string;
  readonly baseUrl?: string;
}

type Call = DestinationCall<Settings, unknown>;

/** One request for each person: Acme takes no batches. */
export async function sendMessages(
  call: Call & { readonly deliveries: readonly ActionDelivery[] },
): Promise<readonly DeliveryOutcome[]> {
  const outcomes: DeliveryOutcome[] = [];
  for (const [place, delivery] of call.deliveries.entries()) {
    try {
      outcomes.push({ handle: delivery.handle, outcome: await sendMessage(call, delivery) });
    } catch (error) {
      if (!isPluginError(error)) throw error;
      // Before anything has gone out, the error is the whole call's: the hub pauses, or waits.
      if (outcomes.length === 0 && error.kind !== 'rejected') throw error;
      const outcome = outcomeOfError(error);
      // Whoever asks us to wait, or does not know us, is not asked again: the rest was not reached.
      if (endsTheCall(error))
        return [...outcomes, ...sameOutcome(call.deliveries.slice(place), outcome)];
      outcomes.push({ handle: delivery.handle, outcome });
    }
  }
  return outcomes;
}

function endsTheCall({ kind }: PluginError): boolean {
  return kind === 'rate_limited' || kind === 'auth';
}

async function sendMessage(
  { fetch, settings, signal, clock }: Call,
  delivery: ActionDelivery,
): Promise<Outcome> {
  const answer = await fetch(`${settings.baseUrl}/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${settings.apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': delivery.actionId,
    },
    body: JSON.stringify(toMessage(delivery)),
    signal,
  });
  const text = await answer.text();
  // Credentials, limits (both forms of Retry-After), trouble: the error says who must act.
  const failure = classifyStatus(answer, clock.now(), text.slice(0, 200));
  if (failure) throw failure;
  if (isTaken(text)) return { kind: 'delivered' };
  return { kind: 'in_doubt', reason: 'the answer does not say that it was taken' };
}
