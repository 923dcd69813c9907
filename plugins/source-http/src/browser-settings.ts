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
    // Without it ids in a page's address would write into the identity graph.
    unbundledIntegrations: [],
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify({
      integrations: { 'Segment.io': integration },
      plan: {},
      edgeFunction: {},
    }),
  };
}

function publicUrl(request: SourceRequest, settings: Settings): URL {
  if (settings.publicUrl !== undefined) return new URL(settings.publicUrl);
  const host = /^[a-z0-9.:[\]-]+$/i.test(request.headers['host'] ?? '')
    ? request.headers['host']
    : 'localhost';
  return new URL(`http://${host}`);
}
