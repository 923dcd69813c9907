// The vendor's side of the signed event webhook: a JSON array, signed with ECDSA P-256 over the
// timestamp and the raw bytes of the body, its closing line break included.
import { createSign, generateKeyPairSync } from 'node:crypto';
import { unixTime, type FakeClock } from './clock.ts';

export interface EventWebhook {
  /** What an admin copies from the vendor's settings: base64 of the DER. */
  readonly publicKey: string;
  /** Posts the events; resolves with the receiver's status. */
  emit(url: string, events: readonly object[], options?: EmitOptions): Promise<number>;
  sign(body: string, timestamp: string): string;
}
export interface EmitOptions {
  /** Unix seconds in the header. Default: now by the fake's clock. */
  readonly timestamp?: number;
  /** Breaks what the receiver has to notice. */
  readonly tamper?: 'signature' | 'body' | 'unsigned';
  /** Sends the same bytes so many times. Default 1. The status is the last one's. */
  readonly copies?: number;
}

export function createEventWebhook(clock: FakeClock): EventWebhook {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const sign = (body: string, timestamp: string): string =>
    createSign('sha256').update(timestamp).update(body).sign(privateKey, 'base64');

  const emit: EventWebhook['emit'] = async (url, events, options = {}) => {
    const timestamp = String(options.timestamp ?? unixTime(clock.now()));
    const body = `${JSON.stringify(events)}\r\n`;
    const signed = options.tamper === 'signature' ? `${body} ` : body;
    const headers: Record<string, string> = {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'SendGrid Event API',
    };
    if (options.tamper !== 'unsigned') {
      headers['x-twilio-email-event-webhook-signature'] = sign(signed, timestamp);
      headers['x-twilio-email-event-webhook-timestamp'] = timestamp;
    }
    const sent = options.tamper === 'body' ? body.replace('[', '[ ') : body;
    let status = 0;
    for (let copy = 0; copy < (options.copies ?? 1); copy += 1) {
      status = await post(url, sent, headers);
    }
    return status;
  };

  return {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    emit,
    sign,
  };
}

async function post(url: string, body: string, headers: Record<string, string>): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(30_000),
  });
  await response.body?.cancel();
  return response.status;
}
