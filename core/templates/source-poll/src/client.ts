// Requests to Acme, through the hub's fetch: time-outs, bounds and what a broken connection means come
// with it. Hand the signal on, so that a run ends when the hub says so.
import { classifyStatus, isJsonObject, PluginError, type SourceCall } from '@tributary/sdk';

export interface Settings {
  readonly apiKey: string;
  readonly baseUrl?: string;
}

export interface Page {
  /** As Acme sent them. */
  readonly people: readonly unknown[];
  readonly next: string;
}

/** People who changed after the place, oldest change first. */
export async function listPeople(
  { fetch, settings, signal, clock }: SourceCall<Settings, unknown>,
  place: string,
): Promise<Page> {
  const answer = await fetch(`${settings.baseUrl}/people?after=${encodeURIComponent(place)}`, {
    headers: { authorization: `Bearer ${settings.apiKey}` },
    signal,
  });
  const text = await answer.text();
  // Credentials, limits (both forms of Retry-After), trouble: the error says who must act.
  const failure = classifyStatus(answer, clock.now(), text.slice(0, 200));
  if (failure) throw failure;
  const page = readPage(text);
  if (page === undefined) throw new PluginError('unknown', 'the answer holds no page of people');
  return page;
}

function readPage(text: string): Page | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return undefined;
    const { people, next } = value;
    if (!Array.isArray(people) || typeof next !== 'string') return undefined;
    return { people, next };
  } catch {
    return undefined;
  }
}
