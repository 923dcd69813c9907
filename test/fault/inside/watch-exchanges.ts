// Failpoints at what goes in and out by HTTP, heard through the channels that Node and undici keep for
// whoever observes them.
import { subscribe } from 'node:diagnostics_channel';
import { ServerResponse } from 'node:http';
import type { Failpoints } from './failpoint.ts';

/** What the feed of the harness is asked by; every other call goes to a vendor. */
export const feedPath = '/feed';
/** What a mail is sent by: the one call that nobody may repeat. */
const mailPath = '/v3/mail/send';

export function watchExchanges(failpoints: Failpoints): void {
  watchRequests(failpoints);
  const onCall = (channel: string, call: string | undefined, pull: string | undefined): void =>
    subscribe(`undici:${channel}`, (message) => {
      const isPull = pathOf(fieldOf(message, 'request')).startsWith(feedPath);
      const name = isPull ? pull : call;
      if (name !== undefined) failpoints.pass(name);
    });
  onCall('request:create', 'call-due', 'pull-due');
  onCall('client:sendHeaders', 'call-left', undefined);
  onCall('request:headers', 'call-answered', 'pull-answered');
  onCall('request:trailers', 'call-over', undefined);
  const onMail = (channel: string, name: string): void =>
    subscribe(`undici:${channel}`, (message) => {
      if (pathOf(fieldOf(message, 'request')) === mailPath) failpoints.pass(name);
    });
  onMail('client:sendHeaders', 'mail-left');
  onMail('request:trailers', 'mail-over');
}

function watchRequests(failpoints: Failpoints): void {
  subscribe('http.server.request.start', (message) => {
    if (isOfSource(message)) failpoints.pass('request-arrived');
  });
  subscribe('http.server.response.finish', (message) => {
    if (isOfSource(message)) failpoints.pass('answer-left');
  });
  const { end } = ServerResponse.prototype;
  // oxlint-disable-next-line typescript/no-explicit-any -- stands in for all overloads of `end`
  ServerResponse.prototype.end = function watched(this: ServerResponse, ...given: any[]): any {
    if (this.req.url?.startsWith('/v1/') === true) failpoints.pass('answer-due');
    // oxlint-disable-next-line typescript/no-unsafe-return -- as it is
    return Reflect.apply(end, this, given);
  };
}

function isOfSource(message: unknown): boolean {
  const url = fieldOf(fieldOf(message, 'request'), 'url');
  return typeof url === 'string' && url.startsWith('/v1/');
}

function pathOf(request: unknown): string {
  const path = fieldOf(request, 'path');
  return typeof path === 'string' ? path : '';
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
}
