// What answers which path: health, metrics, the API, the sources, and the console where there is one.
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { PluginLogger } from '@tributary/sdk';
import { createAuditRecorder, type AuditRecorder } from '../audit/group-append.ts';
import type { Intake } from '../intake/intake.ts';
import type { Tracing } from '../observe/tracing.ts';
import type { PausedSources } from '../sources/paused.ts';
import type { Store } from '../store/store.ts';
import { createGuard, type Guard } from './api/authenticate.ts';
import { operations } from './api/operations.ts';
import type { Jobs } from './api/jobs.ts';
import { createApiJobs, createApiRouter } from './api/router.ts';
import { createFailedAttempts, type FailedAttemptsLimits } from './failed-attempts.ts';
import { healthHandler, readinessHandler, type ReadinessCheck } from './health.ts';
import type { Hub } from './hub-reads.ts';
import type { InFlight } from './in-flight.ts';
import type { KeyStore } from './key-store.ts';
import { metricsHandler, type MetricsText } from './metrics.ts';
import { createFailureKeeper } from './sources/failure-keeper.ts';
import { mountSources } from './sources/mount-sources.ts';
import type { OpenedSource } from './sources/mounted-source.ts';
import { createKeepRate } from './sources/keep-rate.ts';
import { createBodyBudget } from './sources/read-raw-body.ts';
import { plain, type SourceWorld } from './sources/receive.ts';

/** One answered request, for metrics and logs. It never holds a URL: those may name people. */
export interface RequestReport {
  /** An operation's id, `source <instance>`, or a fixed path. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly milliseconds: number;
}

/** What answers by one config: another may take its place while the server listens. */
export interface HttpFront {
  /** Number of proxies whose X-Forwarded-For is believed. */
  readonly trustProxy: number;
  readonly hub: Hub;
  readonly sources: readonly OpenedSource[];
  readonly readiness: readonly ReadinessCheck[];
}

/** What stays for as long as the server listens. */
export interface HttpWorld {
  readonly store: Store;
  readonly intake: Pick<Intake, 'submit' | 'keepUnreadable'>;
  readonly keys: KeyStore;
  readonly paused: Pick<PausedSources, 'list'>;
  readonly metrics: MetricsText;
  /** Pages for the browser, at `/console`. */
  readonly console?: RequestHandler | undefined;
  readonly log: PluginLogger;
  /** Where traces are asked for. */
  readonly tracing?: Pick<Tracing, 'request'> | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  onRequest?(report: RequestReport): void;
  /** A source's handler must answer within so many milliseconds. Default 10,000. */
  readonly handlerTimeoutMs?: number;
  /** Bytes of bodies in memory at once. Default 128 MiB. */
  readonly bodyBudgetBytes?: number;
  readonly failedAttempts?: FailedAttemptsLimits;
}

export type CreateHttpApp = (front: HttpFront) => Express;

/** Of one source in a minute: a mapping that is wrong meets every message, and what is kept is replayed. */
const mostUnreadable = { bodies: 600, bytes: 33_554_432 };

/** Bounds, keys and the record of who read what are the same for all apps that are made here. */
export function createHttpApps(world: HttpWorld, inFlight: InFlight): CreateHttpApp {
  const { keys, log, now, intake } = world;
  const budget = createBodyBudget(world.bodyBudgetBytes ?? 134_217_728);
  const guard = createGuard(keys, createFailedAttempts(now, world.failedAttempts));
  const recorder = createAuditRecorder(world.store);
  const jobs = createApiJobs(world);
  const failures = createFailureKeeper(intake, log, now);
  const unreadable = createKeepRate(mostUnreadable, now);
  const timeoutMs = world.handlerTimeoutMs ?? 10_000;
  const shared = { ...world, guard, recorder, jobs, budget, failures, unreadable, timeoutMs };
  return (front) => createHttpApp(front, shared, inFlight);
}

interface SharedByApps extends HttpWorld, SourceWorld {
  readonly guard: Guard;
  readonly recorder: AuditRecorder;
  readonly jobs: Jobs;
}

/** Throws HTTP_MOUNT_INVALID where sources collide. */
function createHttpApp(front: HttpFront, world: SharedByApps, inFlight: InFlight): Express {
  const app = express();
  app.set('trust proxy', front.trustProxy);
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.disable('x-powered-by');
  app.use(inFlight.handler, reportHandler(world));
  app.use(helmet());
  app.get(['/healthz', '/livez'], healthHandler);
  app.get('/readyz', readinessHandler(front.readiness, inFlight.isStopping));
  app.get('/metrics', metricsHandler(world.metrics, world.guard));
  app.use('/api', createApiRouter(operations, { ...world, hub: front.hub }));
  if (world.console) app.use('/console', world.console);
  app.use(mountSources(front.sources, world));
  app.use(notFound);
  app.use(failureHandler(world.log));
  return app;
}

function reportHandler({ onRequest, tracing }: HttpWorld): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const span = tracing?.request(request.get('traceparent'));
    response.once('close', () => {
      const route: unknown = response.locals['route'];
      const report = {
        route: typeof route === 'string' ? route : fixedRoute(request.path),
        method: request.method,
        status: response.statusCode,
        milliseconds: performance.now() - started,
      };
      onRequest?.(report);
      span?.end(report);
    });
    if (span) span.within(() => next());
    else next();
  };
}

const fixedRoutes: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz', '/metrics']);

function fixedRoute(path: string): string {
  return fixedRoutes.has(path) ? path : 'other';
}

const notFound: RequestHandler = (_, response) => {
  const { status, headers, body } = plain(404, 'ROUTE_UNKNOWN');
  response.status(status).set(headers).send(body);
};

/** What express itself refuses (a path that cannot be decoded), and what nobody thought of. */
function failureHandler(log: PluginLogger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const refused = error instanceof URIError;
    if (!refused) {
      const reason = error instanceof Error ? error.message : 'unknown';
      log.error('a request failed', { reason });
    }
    const { status, headers, body } = refused
      ? plain(400, 'REQUEST_INVALID')
      : plain(500, 'REQUEST_FAILED');
    response.status(status).set(headers).send(body);
  };
}
