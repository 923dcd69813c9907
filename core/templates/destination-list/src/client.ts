// Requests to Acme, through the hub's fetch: time-outs, bounds and what a broken connection means come
// with it. No retries here: the hub waits, counts and tries again for all plugins.
import { classifyStatus, type AudienceCall, type DeliveryOutcome } from '@tributary/sdk';
import { readResults, toMember, toOutcome } from './map.ts';

export interface Settings {
  readonly apiKey: string;
  readonly baseUrl?: string;
}

/** One request for the whole batch; Acme answers for each address. */
export async function changeList(
  operation: 'add' | 'remove',
  { fetch, settings, signal, clock, list, deliveries }: AudienceCall<Settings, unknown>,
): Promise<readonly DeliveryOutcome[]> {
  if (deliveries.length === 0) return [];
  const url = `${settings.baseUrl}/lists/${encodeURIComponent(list)}/${operation}`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${settings.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ members: deliveries.map(toMember) }),
    signal,
  });
  const text = await answer.text();
  // Credentials, limits (both forms of Retry-After), trouble: the error says who must act.
  const failure = classifyStatus(answer, clock.now(), text.slice(0, 200));
  if (failure) throw failure;
  const results = readResults(text);
  // Paired by key, never by place; an address that the answer does not mention is in doubt.
  return deliveries.map(({ handle, key }) => ({ handle, outcome: toOutcome(results.get(key)) }));
}
