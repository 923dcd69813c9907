// The body as JSON, whatever its content type says: the browser client sends text/plain, another sends
// gzip under application/x-www-form-urlencoded. What is inflated is bounded while it inflates.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { isJsonObject, type JsonObject } from '@tributary/sdk';

/** 500 KB per batch request in the protocol. */
export const maxBodyBytes = 512_000;
/** Far beyond any client, far below where writing it out again would end the stack. */
export const maxDepth = 500;

export interface BodyProblem {
  readonly code:
    | 'BODY_TOO_LARGE'
    | 'BODY_TOO_DEEP'
    | 'BODY_NOT_COMPRESSED'
    | 'BODY_NOT_JSON'
    | 'BODY_ENCODING_UNKNOWN';
  readonly message: string;
}

export type ReadBody = { readonly body: JsonObject } | { readonly problem: BodyProblem };

export async function readBody(raw: Uint8Array, encoding: string | undefined): Promise<ReadBody> {
  const inflated = await inflateBody(raw, encoding?.trim().toLowerCase() ?? '');
  if (!(inflated instanceof Uint8Array)) return { problem: inflated };
  if (inflated.byteLength > maxBodyBytes) return { problem: tooLarge() };
  const body = parse(inflated);
  if (!isJsonObject(body)) return { problem: notJson(inflated.byteLength) };
  return isDeeper(body, maxDepth) ? { problem: tooDeep() } : { body };
}

type Inflate = (raw: Uint8Array, bound: { maxOutputLength: number }) => Promise<Uint8Array>;

const asynchronous = promisify<Uint8Array, { maxOutputLength: number }, Uint8Array>;
const inflaters: ReadonlyMap<string, Inflate> = new Map([
  ['gzip', asynchronous(gunzip)],
  ['x-gzip', asynchronous(gunzip)],
  ['deflate', asynchronous(inflate)],
  ['br', asynchronous(brotliDecompress)],
]);

async function inflateBody(raw: Uint8Array, encoding: string): Promise<Uint8Array | BodyProblem> {
  if (encoding === '' || encoding === 'identity') return raw;
  const inflater = inflaters.get(encoding);
  if (!inflater) return unknownEncoding(encoding);
  try {
    return await inflater(raw, { maxOutputLength: maxBodyBytes });
  } catch (error) {
    return isTooLarge(error) ? tooLarge() : notCompressed(encoding);
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Undefined: no JSON in UTF-8. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((member) => isDeeper(member, levels - 1));
}

function problem(code: BodyProblem['code'], found: string, remedy: string): BodyProblem {
  return { code, message: `${code}: body: ${found}. ${remedy}` };
}

function tooLarge(): BodyProblem {
  const found = `more than ${maxBodyBytes} bytes of JSON`;
  return problem('BODY_TOO_LARGE', found, 'Send smaller batches.');
}

function tooDeep(): BodyProblem {
  return problem('BODY_TOO_DEEP', `nested deeper than ${maxDepth} levels`, 'Flatten it.');
}

function notJson(bytes: number): BodyProblem {
  const found = `${bytes} bytes, one JSON object in UTF-8 was expected`;
  return problem('BODY_NOT_JSON', found, 'Send one.');
}

function notCompressed(encoding: string): BodyProblem {
  return problem('BODY_NOT_COMPRESSED', `no whole ${encoding} stream`, 'Send it again.');
}

function unknownEncoding(encoding: string): BodyProblem {
  const found = `content-encoding "${encoding.slice(0, 30)}", gzip, deflate or br was expected`;
  return problem('BODY_ENCODING_UNKNOWN', found, 'Send one of these or none.');
}
