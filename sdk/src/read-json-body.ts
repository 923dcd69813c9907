// A body that came in, as JSON, whatever its content type says: one client sends text/plain, another
// gzip under application/x-www-form-urlencoded. What is inflated is bounded while it inflates.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { JsonValue } from './json.ts';
import { parseJson } from './parse-json.ts';

/** How much of a body is read. */
export interface BodyBounds {
  /** Of the JSON, inflated. */
  readonly maxBytes: number;
  /** Default 500: beyond any client, far below where writing it out again would end the stack. */
  readonly maxDepth?: number;
}

/**
 * Why a body was not read. The message says what was found and what to send, and shows nothing of the body.
 */
export interface BodyProblem {
  readonly code:
    | 'BODY_TOO_LARGE'
    | 'BODY_TOO_DEEP'
    | 'BODY_NOT_COMPRESSED'
    | 'BODY_NOT_JSON'
    | 'BODY_ENCODING_UNKNOWN';
  readonly message: string;
}

/** The JSON of a body, or why there is none. */
export type ReadBody = { readonly body: JsonValue } | { readonly problem: BodyProblem };

/**
 * The JSON of a body, or what is wrong with it: of two members with one name the last counts, and an
 * integer beyond 2^53, or a number beyond all that a computer holds, is the text that it came as.
 * @param encoding the `content-encoding` header: gzip, deflate, br or none.
 */
export async function readJsonBody(
  raw: Uint8Array,
  encoding: string | undefined,
  bounds: BodyBounds,
): Promise<ReadBody> {
  const { maxBytes, maxDepth = 500 } = bounds;
  const inflated = await inflateBody(raw, encoding?.trim().toLowerCase() ?? '', maxBytes);
  if (!(inflated instanceof Uint8Array)) return { problem: inflated };
  if (inflated.byteLength > maxBytes) return { problem: tooLarge(maxBytes) };
  const body = parse(inflated);
  if (body === undefined) return { problem: bodyNotJson(inflated.byteLength, 'JSON in UTF-8') };
  return isDeeper(body, maxDepth) ? { problem: tooDeep(maxDepth) } : { body };
}

/** For a body that is JSON and not what was expected. */
export function bodyNotJson(bytes: number, expected: string): BodyProblem {
  const found = `${bytes} bytes, ${expected} was expected`;
  return problem('BODY_NOT_JSON', found, 'Send it.');
}

type Inflate = (raw: Uint8Array, bound: { maxOutputLength: number }) => Promise<Uint8Array>;

const asynchronous = promisify<Uint8Array, { maxOutputLength: number }, Uint8Array>;
const inflaters: ReadonlyMap<string, Inflate> = new Map([
  ['gzip', asynchronous(gunzip)],
  ['x-gzip', asynchronous(gunzip)],
  ['deflate', asynchronous(inflate)],
  ['br', asynchronous(brotliDecompress)],
]);

async function inflateBody(
  raw: Uint8Array,
  encoding: string,
  maxBytes: number,
): Promise<Uint8Array | BodyProblem> {
  if (encoding === '' || encoding === 'identity') return raw;
  const inflater = inflaters.get(encoding);
  if (!inflater) return unknownEncoding(encoding);
  try {
    return await inflater(raw, { maxOutputLength: maxBytes });
  } catch (error) {
    return isTooLarge(error) ? tooLarge(maxBytes) : notCompressed(encoding);
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Undefined: no JSON in UTF-8. */
function parse(bytes: Uint8Array): JsonValue | undefined {
  try {
    return parseJson(decoder.decode(bytes));
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

function tooLarge(maxBytes: number): BodyProblem {
  return problem('BODY_TOO_LARGE', `more than ${maxBytes} bytes of JSON`, 'Send smaller batches.');
}

function tooDeep(maxDepth: number): BodyProblem {
  return problem('BODY_TOO_DEEP', `nested deeper than ${maxDepth} levels`, 'Flatten it.');
}

function notCompressed(encoding: string): BodyProblem {
  return problem('BODY_NOT_COMPRESSED', `no whole ${encoding} stream`, 'Send it again.');
}

function unknownEncoding(encoding: string): BodyProblem {
  const found = `content-encoding "${encoding.slice(0, 30)}", gzip, deflate or br was expected`;
  return problem('BODY_ENCODING_UNKNOWN', found, 'Send one of these or none.');
}
