// Long polling: Acme answers when something has happened, or with nothing after a while.
import { classifyStatus, isJsonObject, PluginError, type SourceCall } from '@tributary/sdk';

export interface Settings {
  readonly apiKey: string;
  readonly baseUrl?: string;
}

/** Longer than Acme holds a request. */
const timeoutMs = 60_000;

/** Events after the place as Acme sent them, in order; rejects when the signal aborts. */
export async function nextEvents(
  { fetch, settings, signal, clock }: SourceCall<Settings, unknown>,
  place: number,
): Promise<readonly unknown[]> {
  const answer = await fetch(`${settings.baseUrl}/events?after=${place}`, {
    headers: { authorization: `Bearer ${settings.apiKey}` },
    signal,
    timeoutMs,
  });
  const text = await answer.text();
  // Credentials, limits (both forms of Retry-After), trouble: the error says who must act.
  const failure = classifyStatus(answer, clock.now(), text.slice(0, 200));
  if (failure) throw failure;
  return readEvents(text);
}

function readEvents(text: string): readonly unknown[] {
  const value = parse(text);
  const events = isJsonObject(value) ? value['events'] : undefined;
  if (!Array.isArray(events)) throw new PluginError('unknown', 'the answer holds no events');
  return events;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
