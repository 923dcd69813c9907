// Reads a body as it comes over the wire, within the plugin's bound and within what the whole
// process may hold of bodies at once.
import type { IncomingMessage } from 'node:http';

export type RawBody =
  /** Its bytes are taken from the budget, and whoever is done with them gives them back. */
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'too_many' }
  | { readonly kind: 'gone' };

/** Bytes of bodies that may be in memory at once, over all requests. */
export interface BodyBudget {
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

export function createBodyBudget(limit: number): BodyBudget {
  let left = limit;
  return {
    take(bytes) {
      if (bytes > left) return false;
      left -= bytes;
      return true;
    },
    giveBack(bytes) {
      left += bytes;
    },
  };
}

/**
 * What is beyond the bound is let pass and not kept, so that the sender gets to read the answer; the
 * server's request time-out bounds how long it may come.
 */
export async function readRawBody(
  request: IncomingMessage,
  maxBytes: number,
  budget: BodyBudget,
): Promise<RawBody> {
  const body = await collect(request, maxBytes, budget);
  if (body.kind === 'too_large' || body.kind === 'too_many') request.resume();
  return body;
}

async function collect(
  request: IncomingMessage,
  maxBytes: number,
  budget: BodyBudget,
): Promise<RawBody> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return { kind: 'too_large' };
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isRead = false;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!(chunk instanceof Uint8Array)) continue;
      if (size + chunk.byteLength > maxBytes) return { kind: 'too_large' };
      if (!budget.take(chunk.byteLength)) return { kind: 'too_many' };
      size += chunk.byteLength;
      chunks.push(chunk);
    }
    isRead = true;
  } catch {
    return { kind: 'gone' };
  } finally {
    if (!isRead) budget.giveBack(size);
  }
  return { kind: 'read', bytes: Buffer.concat(chunks, size) };
}
