// Metrics for Prometheus. They tell of volumes, so from other machines they take a key; the scraper
// beside the hub needs none.
import type { Request, RequestHandler } from 'express';
import { permit, type Guard } from './api/authenticate.ts';
import { isApiProblem } from './api/problem.ts';
import { sendProblem } from './api/router.ts';

export interface MetricsText {
  readonly contentType: string;
  /** In the form that Prometheus reads. */
  text(): Promise<string>;
}

export function metricsHandler(metrics: MetricsText, guard: Guard): RequestHandler {
  return async (request, response) => {
    try {
      if (!isBeside(request)) {
        const key = await guard.identify(request.headers.authorization, request.ip ?? '');
        permit(key, 'states.read');
      }
      response.set('cache-control', 'no-store').type(metrics.contentType);
      response.send(await metrics.text());
    } catch (error) {
      if (!isApiProblem(error)) throw error;
      sendProblem(response, error);
    }
  };
}

/** From this machine, and not handed on by a proxy that runs on it. */
function isBeside(request: Request): boolean {
  const address = request.socket.remoteAddress ?? '';
  const { headers } = request;
  const handedOn = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return !handedOn && /^(::ffff:)?127\.|^::1$/.test(address);
}
