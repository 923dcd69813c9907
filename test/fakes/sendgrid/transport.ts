// Bytes in and out: a request's body within a bound, and the several ways an answer can go wrong on
// its way back.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { VendorAnswer } from './router.ts';
import { badRequest, VendorError } from './vendor-error.ts';

/** mail/send takes 30 MB with attachments; nothing takes more. */
const mostBytes = 30 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > mostBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (request.headers['content-encoding'] !== 'gzip') return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch {
    throw badRequest('invalid gzip');
  }
}

function tooLarge(): VendorError {
  return new VendorError(413, [{ field: null, message: 'content too large' }]);
}

export function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return null;
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    throw badRequest('invalid JSON');
  }
}

export function send(response: ServerResponse, answer: VendorAnswer): void {
  const text = writeHead(response, answer);
  response.end(text);
}

/** Writes the head and half of the body, then kills the connection. */
export async function sendHalf(response: ServerResponse, answer: VendorAnswer): Promise<void> {
  const text = writeHead(response, answer);
  const half = text.slice(0, Math.ceil(text.length / 2));
  await new Promise<void>((resolve) => response.write(half || ' ', () => resolve()));
  response.destroy();
}

function writeHead(response: ServerResponse, { status, body, headers }: VendorAnswer): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  // A cut needs a length to fall short of, even where there is no body to speak of.
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const length = status === 204 ? {} : { 'Content-Length': Buffer.byteLength(text) };
  response.writeHead(status, { ...type, ...length, ...headers });
  return text;
}
