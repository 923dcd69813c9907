// One message to the receiver, signed, and what its answer means.
import {
  addressNotPublic,
  classifyStatus,
  isPluginError,
  PluginError,
  signWebhook,
  type DestinationCall,
  type JsonObject,
} from '@tributary/sdk';
import type { WebhookSettings } from './settings.ts';

export type WebhookCall = DestinationCall<WebhookSettings, undefined>;

export interface Payload {
  readonly type: string;
  readonly timestamp: string;
  readonly data: JsonObject | readonly JsonObject[];
}

/** Of an answer no more than this is read: it is only ever shown to people. */
const mostAnswerBytes = 64 * 1024;
const longestWords = 300;

/** Sends a payload. @throws PluginError where it was not taken. */
export async function sendWebhook(call: WebhookCall, id: string, payload: Payload): Promise<void> {
  const { settings, clock } = call;
  const body = JSON.stringify(payload);
  const signature = signWebhook({ id, sentAt: clock.now(), body }, settings.secrets);
  const answer = await call
    .fetch(settings.url, {
      method: 'POST',
      headers: { ...settings.headers, 'content-type': 'application/json', ...signature },
      body,
      signal: call.signal,
      timeoutMs: settings.timeoutMs,
      maxAnswerBytes: mostAnswerBytes,
      guard: { allow: settings.allowPrivate ?? [] },
    })
    .catch((error: unknown) => {
      throw explainAddress(error, settings.url);
    });
  const words = await readWords(answer);
  const failure = goneError(answer.status) ?? classifyStatus(answer, clock.now(), words);
  if (failure) throw failure;
}

// The answer is the status. Its body is read so that the connection can be used again; where it breaks
// off, the status stands.
async function readWords(answer: Response): Promise<string> {
  const text = await answer.text().catch(() => '');
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, longestWords);
}

// There is one address for everything: where nothing answers at it, no message is at fault, and
// putting them all aside would lose what an admin can save by mending the address.
function goneError(status: number): PluginError | undefined {
  if (status !== 404 && status !== 405 && status !== 410) return undefined;
  const found = status === 410 ? 'the receiver has gone' : 'nothing receives at this address';
  return new PluginError(
    'auth',
    `answered ${status}: ${found}. Correct \`url\`, or remove the instance.`,
    {
      vendorCode: status,
    },
  );
}

function explainAddress(error: unknown, url: string): unknown {
  if (!isPluginError(error) || error.vendorCode !== addressNotPublic) return error;
  const { host } = new URL(url);
  return new PluginError(
    'auth',
    `${host} has no public address. Name it in \`allowPrivate\` if it may be reached.`,
    { vendorCode: addressNotPublic },
  );
}
