// The settings document that the browser client asks for before it sends anything.
import type { HttpAnswer, SourceRequest } from '@tributary/sdk';
import type { Settings } from './settings.ts';

/** `apiHost` has no scheme and ends in `/v1`; the client adds `/i`, `/t` … or `/b`. */
export function browserSettings(
  writeKey: string,
  request: SourceRequest,
  settings: Settings,
): HttpAnswer {
  const url = publicUrl(request, settings);
  const integration = {
    apiKey: writeKey,
    apiHost: `${url.host}${url.pathname.replace(/\/$/, '')}/v1`,
    protocol: url.protocol.replace(':', ''),
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify({ integrations: { 'Segment.io': integration } }),
  };
}

/** What the caller says of itself decides only where this one caller sends to. */
function publicUrl({ headers }: SourceRequest, { publicUrl: configured }: Settings): URL {
  if (configured !== undefined) return new URL(configured);
  const { host = '' } = headers;
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const url = URL.parse(`${scheme}://${/^[a-z0-9.:[\]-]+$/i.test(host) ? host : 'localhost'}`);
  return url ?? new URL('http://localhost');
}
