// The body as JSON, whatever its content type says: the browser client sends text/plain, another sends
// gzip under application/x-www-form-urlencoded. What is inflated is bounded while it inflates.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

/** 500 KB per batch request in the protocol, and some room for what surrounds the items. */
export const maxInflatedBytes = 1_048_576;

export type ReadBody =
  | { readonly body: unknown }
  | {
      readonly problem: {
        readonly code:
          'BODY_TOO_LARGE' | 'BODY_NOT_COMPRESSED' | 'BODY_NOT_JSON' | 'BODY_ENCODING_UNKNOWN';
        readonly message: string;
      };
    };

const decoder = new TextDecoder('utf-8', { fatal: true });
const bounded = { maxOutputLength: maxInflatedBytes };
const inflaters = new Map<string, (raw: Uint8Array) => Promise<Uint8Array>>([
  ['gzip', async (raw) => promisify<Uint8Array, object, Buffer>(gunzip)(raw, bounded)],
  ['x-gzip', async (raw) => promisify<Uint8Array, object, Buffer>(gunzip)(raw, bounded)],
  ['deflate', async (raw) => promisify<Uint8Array, object, Buffer>(inflate)(raw, bounded)],
  ['br', async (raw) => promisify<Uint8Array, object, Buffer>(brotliDecompress)(raw, bounded)],
]);

export async function readBody(raw: Uint8Array, encoding: string | undefined): Promise<ReadBody> {
  const inflated = await inflateBody(raw, encoding?.trim().toLowerCase());
  if (!(inflated instanceof Uint8Array)) return { problem: inflated };
  try {
    return { body: JSON.parse(decoder.decode(inflated)) };
  } catch {
    return {
      problem: {
        code: 'BODY_NOT_JSON',
        message: `BODY_NOT_JSON: body: ${inflated.byteLength} bytes that are no JSON in UTF-8. Send one JSON object.`,
      },
    };
  }
}

type Problem = Extract<ReadBody, { problem: unknown }>['problem'];

async function inflateBody(
  raw: Uint8Array,
  encoding: string | undefined,
): Promise<Uint8Array | Problem> {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return raw;
  const inflater = inflaters.get(encoding);
  if (!inflater) {
    return {
      code: 'BODY_ENCODING_UNKNOWN',
      message: `BODY_ENCODING_UNKNOWN: content-encoding: "${encoding.slice(0, 30)}", expected gzip, deflate or br. Send one of these or none.`,
    };
  }
  try {
    return await inflater(raw);
  } catch (error) {
    return isTooLarge(error) ? tooLarge() : notCompressed(encoding);
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

function tooLarge(): Problem {
  return {
    code: 'BODY_TOO_LARGE',
    message: `BODY_TOO_LARGE: body: inflates to more than ${maxInflatedBytes} bytes. Send smaller batches.`,
  };
}

function notCompressed(encoding: string): Problem {
  return {
    code: 'BODY_NOT_COMPRESSED',
    message: `BODY_NOT_COMPRESSED: body: no whole ${encoding} stream. Send it again.`,
  };
}
