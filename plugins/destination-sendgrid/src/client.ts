// Requests to SendGrid: the vendor's clients over the hub's fetch, so that time-outs, aborts, bounds
// and what a broken connection means are the hub's. An answer is taken, or refused with the vendor's
// words, or the call fails with a `PluginError` that says who must act.
import { classifyStatus, isJsonObject, isPluginError, PluginError } from '@tributary/sdk';
import type { PluginContext } from '@tributary/sdk';
import { baseUrlOf, type SendgridSettings } from './settings.ts';
import { createVendorClient, createVendorMail, type VendorMail } from './vendor-client.ts';

export type MailRequest = Exclude<Parameters<VendorMail['send']>[0], readonly unknown[]>;

export interface SendgridRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}
export interface VendorError {
  readonly field: string | null;
  readonly message: string;
}
export type SendgridAnswer =
  | { readonly taken: true; readonly status: number; readonly body: unknown }
  /** 4xx other than credentials and limits: the same request would be refused again. */
  | { readonly taken: false; readonly status: number; readonly errors: readonly VendorError[] };

export interface SendgridClient {
  ask(request: SendgridRequest, signal: AbortSignal): Promise<SendgridAnswer>;
  mail(request: MailRequest, signal: AbortSignal): Promise<SendgridAnswer>;
}

/** What both of the vendor's clients resolve with: the response, and its body once more. */
type VendorAnswer = readonly [{ statusCode: number; headers: unknown; body: unknown }, unknown];

export function createSendgridClient(context: PluginContext<SendgridSettings>): SendgridClient {
  const { settings, clock } = context;
  const client = createVendorClient();
  const mail = createVendorMail(client);
  client.setApiKey(settings.apiKey);
  // After setApiKey, which sets the region's own address.
  client.setDefaultRequest('baseUrl', baseUrlOf(settings));
  client.setDefaultRequest(transport(context));

  const run = async (
    signal: AbortSignal,
    start: () => Promise<VendorAnswer>,
  ): Promise<SendgridAnswer> => {
    if (signal.aborted) throw new PluginError('transient', 'not sent, the call was over before');
    // The client reads its defaults before it first waits, so the next call cannot take this signal.
    const withSignal = { ...noUrl, signal };
    client.setDefaultRequest(withSignal);
    const [response] = await start().catch((error: unknown) => {
      throw asPluginError(error);
    });
    return judge(response.statusCode, response.headers, response.body, clock.now());
  };
  return {
    ask: ({ method, path, body }, signal) =>
      run(signal, () => client.request({ method, url: path, ...(body ? { body } : {}) })),
    mail: (request, signal) => run(signal, () => mail.send(request)),
  };
}

/** The vendor's client is axios underneath; these are its options. */
function transport({ fetch }: PluginContext<SendgridSettings>): typeof noUrl {
  const options = {
    ...noUrl,
    adapter: 'fetch',
    env: { fetch, Request: null, Response: null },
    // All statuses are judged here: the client's own error would carry the request, key included.
    validateStatus: () => true,
    maxBodyLength: -1,
    maxContentLength: -1,
  };
  return options;
}
/** The one option that the client's types insist on. */
const noUrl = { url: '' };

/** axios wraps what fetch threw. Its error quotes the request, so nothing else of it is kept. */
function asPluginError(error: unknown): PluginError {
  if (isPluginError(error)) return error;
  if (error instanceof Error && isPluginError(error.cause)) return error.cause;
  return new PluginError('unknown', 'the call broke off');
}

function judge(status: number, headers: unknown, body: unknown, now: number): SendgridAnswer {
  const errors = readErrors(body);
  const words = errors.map(({ message }) => withoutAddresses(message)).join('; ');
  const head = { status, headers: { get: (name: string) => readHeader(headers, name) } };
  const failure = classifyStatus(head, now, words.slice(0, longestWords));
  if (failure === undefined) return { taken: true, status, body };
  if (failure.kind === 'rejected') return { taken: false, status, errors };
  throw failure;
}
const longestWords = 500;

function readHeader(headers: unknown, name: string): string | null {
  if (typeof headers !== 'object' || headers === null) return null;
  const value: unknown = Reflect.get(headers, name.toLowerCase());
  return typeof value === 'string' ? value : null;
}

function readErrors(body: unknown): readonly VendorError[] {
  const list = isJsonObject(body) ? body['errors'] : body;
  const items = Array.isArray(list) ? list : [list];
  return items.filter(isJsonObject).flatMap(({ field, message }) => {
    if (typeof message !== 'string') return [];
    return [{ field: typeof field === 'string' ? field : null, message }];
  });
}

/** The vendor's words, without the addresses that it likes to quote. */
export function withoutAddresses(text: string): string {
  return text.replaceAll(/[^\s'",;]*@[^\s'",;]*/g, '[address]');
}

/** The id in an answer like `{ job_id }`. A 2xx without it is an answer that nobody understands. */
export function readId(answer: SendgridAnswer & { taken: true }, field: string): string {
  const value = isJsonObject(answer.body) ? answer.body[field] : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw unknownShape(answer.status, field);
}

export function unknownShape(status: number, expected: string): PluginError {
  return new PluginError('unknown', `answered ${status} without ${expected}`, {
    vendorCode: status,
  });
}
