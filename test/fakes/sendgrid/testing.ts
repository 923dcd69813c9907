// What the fake's own tests share: the vendor's client pointed at it, and a clock that is moved by hand.
import defaultClient from '@sendgrid/client';
import defaultMail from '@sendgrid/mail';
import type { FakeClock } from './clock.ts';

export interface ManualClock extends FakeClock {
  advance(milliseconds: number): void;
}

export function createManualClock(start = Date.parse('2026-01-01T00:00:00Z')): ManualClock {
  let now = start;
  return { now: () => now, advance: (milliseconds) => void (now += milliseconds) };
}

export const testKey = 'SG.test-key';

export type Client = typeof defaultClient;

/** The packages' types cannot name their classes, so new ones are made from the exported instances. */
function createLike<Instance extends object>(instance: Instance): Instance {
  const made: unknown = Reflect.construct(instance.constructor, []);
  if (!isLike(made, instance)) throw new TypeError('the package exports something else');
  return made;
}

function isLike<Instance extends object>(made: unknown, instance: Instance): made is Instance {
  return made instanceof instance.constructor;
}

export function createClient(url: string, apiKey = testKey): Client {
  const client = createLike(defaultClient);
  client.setApiKey(apiKey);
  client.setDefaultRequest('baseUrl', url);
  return client;
}

export function createMail(url: string): typeof defaultMail {
  const mail = createLike(defaultMail);
  mail.setClient(createClient(url));
  return mail;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One request through the vendor's client, with its rejections made into answers. */
export async function ask(
  client: Client,
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  body?: object,
): Promise<Answer> {
  try {
    const [response] = await client.request({
      method,
      url,
      ...(body === undefined ? {} : { body }),
    });
    return readAnswer(response.statusCode, response.headers, response.body);
  } catch (error) {
    if (!hasResponse(error)) throw error;
    return readAnswer(error.code, error.response.headers, error.response.body);
  }
}

function readAnswer(status: number, headers: unknown, body: unknown): Answer {
  return { status, headers: toRecord(headers), body: toRecord(body) };
}

function toRecord<Value>(value: unknown): Record<string, Value> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function hasResponse(
  error: unknown,
): error is { readonly code: number; readonly response: { headers: unknown; body: unknown } } {
  return (
    error instanceof Error &&
    'response' in error &&
    error.response !== undefined &&
    'code' in error &&
    typeof error.code === 'number'
  );
}
