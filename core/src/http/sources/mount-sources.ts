// Lets sources listen: finds whose a request is, receives it, writes the answer.
import type { Request, RequestHandler, Response } from 'express';
import type { HttpAnswer } from '@tributary/sdk';
import { findSource, resolveMounts } from './find-source.ts';
import type { MountedSource, OpenedSource } from './mounted-source.ts';
import { lowerCase, plain, receive, type SourceWorld } from './receive.ts';
import { splitUrl } from './source-request.ts';

/** Passes on what no source listens to. Throws HTTP_MOUNT_INVALID where mounts collide. */
export function mountSources(sources: readonly OpenedSource[], world: SourceWorld): RequestHandler {
  const mounted = resolveMounts(sources);
  return async (request, response, next) => {
    const found = findSource(mounted, splitUrl(request.originalUrl).path);
    if (!found) return next();
    response.locals['route'] = `source ${found.source.settings.id}`;
    const answer = await receive(found, request, addressOf(request), world);
    if (answer) send(response, answer, found.source);
    else response.destroy();
  };
}

function addressOf(request: Request): string {
  return request.ip ?? request.socket.remoteAddress ?? '';
}

function send(response: Response, answer: HttpAnswer, source: MountedSource): void {
  try {
    write(response, answer, source);
  } catch {
    // A header that HTTP forbids: the records are committed, but the plugin's words are not sent.
    write(response, plain(500, 'SOURCE_ANSWER_INVALID'), { http: {} });
  }
}

function write(
  response: Response,
  answer: HttpAnswer,
  { http }: { readonly http: Pick<MountedSource['http'], 'headers'> },
): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const headers = {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...lowerCase(http.headers),
    ...lowerCase(answer.headers),
  };
  const bytes = Buffer.from(answer.body ?? '');
  response.status(answer.status);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (answer.status !== 204 && answer.status !== 304) {
    response.setHeader('content-length', bytes.byteLength);
  }
  response.end(bytes);
}
