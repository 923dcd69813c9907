// The request as a plugin sees it: nothing parsed, nothing decoded.
import type { IncomingHttpHeaders } from 'node:http';
import type { SourceRequest } from '@tributary/sdk';

export interface RawRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string;
}

export function sourceRequest(
  raw: RawRequest,
  path: string,
  rawBody: Uint8Array,
  receivedAt: number,
): SourceRequest {
  return {
    method: raw.method,
    path,
    query: new URLSearchParams(splitUrl(raw.url).query),
    headers: joinHeaders(raw.headers),
    rawBody,
    remoteAddress: raw.remoteAddress,
    receivedAt,
  };
}

/** By hand: a URL parser would take `//v1/batch` for a host. */
export function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const mark = url.indexOf('?');
  return mark === -1
    ? { path: url, query: '' }
    : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

function joinHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return joined;
}
