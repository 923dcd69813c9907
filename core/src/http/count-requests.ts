// What is asked of the hub, as metrics.
import type { Metrics } from '../observe/metrics.ts';
import type { HttpWorld } from './app.ts';

export function countRequests(metrics: Metrics): NonNullable<HttpWorld['onRequest']> {
  return ({ route, status, milliseconds }) => {
    metrics.add('tributary_http_requests_total', { route, status: String(status) });
    metrics.observe('tributary_http_request_seconds', { route }, milliseconds);
  };
}
