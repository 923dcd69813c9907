// The one file that composes the hub. Read it from top to bottom and you have walked from a source to a
// destination: store, intake, resolve, audiences, delivery, and the doors (HTTP) that lead in.
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRedactor, type Clock } from '@tributary/sdk';
import { appendAudit } from './audit/append.ts';
import type { AuditKind } from './audit/entry.ts';
import { createHeadWriter, type HeadWriter } from './audit/heads.ts';
import { loadHeadKey } from './audit/head-key.ts';
import { createAudienceEngine } from './audience/engine.ts';
import type { HubConfig } from './config/hub-config.ts';
import type { LoadedConfig } from './config/load-config.ts';
import { createConsentReader } from './consent/read.ts';
import { stopped } from './consent/stop.ts';
import { createDelivery, type Delivery } from './delivery/create-delivery.ts';
import { createDispatchLatch } from './delivery/dispatch-latch.ts';
import { createHttpServer } from './http/http-server.ts';
import { createKeyStore, type KeyStore } from './http/key-store.ts';
import { createHubReads } from './http/create-hub-reads.ts';
import { rememberHandedOut } from './identity/find.ts';
import { createIntake } from './intake/intake.ts';
import { createLogger, type HubLogger } from './observe/logger.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import type { InstanceProblem } from './plugins/runtime.ts';
import { createPluginRuntime } from './plugins/runtime.ts';
import { takeChange } from './resolve/change.ts';
import { createResolveLoop } from './resolve/loop.ts';
import { createResolvedEventReader } from './resolve/read-resolved.ts';
import type { BatchReport } from './resolve/report.ts';
import { createResolver } from './resolve/resolver.ts';
import { internalSource } from './sources/internal-source.ts';
import { openDestinations, openSources } from './sources/open-instances.ts';
import { startSources } from './sources/start-sources.ts';
import { bindKeyToStore, loadDeploymentKey } from './standardise/deployment-key.ts';
import type { StandardiseSettings } from './standardise/standardise.ts';
import { isStoreError } from './store/errors.ts';
import { openStore } from './store/open.ts';
import { createMaintenance } from './store/maintenance.ts';
import type { Store } from './store/store.ts';

export interface HubOptions {
  readonly log?: HubLogger;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Overrides config; 0 takes any free port. */
  readonly port?: number;
  /** Stands in for config's store in tests; it is closed with the hub. */
  readonly store?: Store;
  onBatch?(report: BatchReport): void;
}

export interface Hub {
  readonly url: string;
  readonly store: Store;
  readonly keys: KeyStore;
  readonly delivery: Delivery;
  readonly metrics: Metrics;
  /** The admin key, on the first start of a store only. */
  readonly firstKey: string | undefined;
  /** Plugins that did not open; the others run. */
  readonly problems: readonly InstanceProblem[];
  /** Finishes what is in flight, within bounds, and closes everything. */
  stop(): Promise<void>;
}

const systemClock: Clock = {
  // oxlint-disable-next-line no-restricted-properties -- the one clock of the process
  now: () => Date.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal ? { signal } : {}),
};

/** The longest that the end of one part may hold up the end of the next. */
const stopBoundMs = 15_000;

export async function startHub(loaded: LoadedConfig, options: HubOptions = {}): Promise<Hub> {
  const { config } = loaded;
  const clock = options.clock ?? systemClock;
  // oxlint-disable-next-line no-restricted-properties -- the one chance of the process
  const random = options.random ?? (() => Math.random());
  const log = options.log ?? createLogger({ secrets: loaded.secrets });
  const metrics = createMetrics();

  const store = options.store ?? (await openConfiguredStore(config, metrics));
  const keys = await bindKeyToStore(
    store,
    await loadDeploymentKey(config.deploymentKey, folderOf(config)),
  );
  const settings: StandardiseSettings = {
    ...config,
    sources: new Map([...config.sources, [internalSource.id, internalSource]]),
  };

  const audiences = createAudienceEngine({ config, takeChange, clock: () => performance.now() });
  const room = { settings, keys, audiences, evaluate: true, appendAudit, now: clock.now };
  const resolver = createResolver({
    store,
    room,
    isPassing: isStoreError,
    onBatch: (report) => {
      metrics.add('tributary_resolved_events_total', {}, report.events);
      options.onBatch?.(report);
    },
    onPutAside: (number) =>
      log.error('an event could not be resolved and was put aside', { number }),
  });

  const latch = createDispatchLatch(clock);
  const intake = createIntake({
    store,
    bounds: config.intake,
    settings,
    keys,
    async onCommitted(stops) {
      loop.wake();
      if (stops.length > 0) await latch.announce(stops);
    },
    onPlanViolation: (source, { code }) =>
      metrics.add('tributary_plan_violations_total', { source, code }),
  });

  const plugins = createPluginRuntime({
    clock,
    random,
    log,
    secrets: loaded.secrets,
    onCall: (instance, { status, failure, milliseconds }) => {
      const result = failure ?? `${Math.floor((status ?? 0) / 100)}xx`;
      metrics.add('tributary_plugin_calls_total', { instance, result });
      metrics.observe('tributary_plugin_call_seconds', { instance }, milliseconds);
    },
  });
  const [sources, destinations] = await Promise.all([
    openSources(loaded, plugins),
    openDestinations(loaded, plugins),
  ]);
  const problems = [...sources.problems, ...destinations.problems];
  for (const problem of problems) log.error(problem.message, { instance: problem.instance });

  const consent = createConsentReader(config.consent, config.identity);
  const delivery = createDelivery({
    store,
    config,
    plugins: destinations.opened,
    consent,
    stopped,
    readEvents: createResolvedEventReader(store, { settings, keys }),
    latch,
    clock,
    random,
    log,
    audit: (transaction, entries) =>
      appendAudit(
        transaction,
        entries.map(({ kind, instance, details }) => ({
          kind: auditKindOf(kind),
          at: clock.now(),
          actor: `delivery:${instance}`,
          details: { ...details, what: kind },
        })),
      ),
    handOut: (transaction, profileIds) => rememberHandedOut(transaction, profileIds, clock.now()),
    redact: createRedactor(loaded.secrets),
  });

  await audiences.install(store);
  const loop = createResolveLoop({
    store,
    resolver,
    audiences,
    clock,
    random,
    log,
    onProgress: () => delivery.wake(),
  });

  const apiKeys = createKeyStore({ store, now: clock.now });
  const firstKey = await apiKeys.ensureFirst();
  const running = startSources(sources.opened, { store, intake, clock, random, log });
  const http = createHttpServer({
    settings: { ...config.http, port: options.port ?? config.http.port },
    store,
    intake,
    hub: createHubReads({
      store,
      config,
      settings,
      keys,
      audiences,
      consent,
      delivery,
      intake,
      room,
      sources: running,
    }),
    keys: apiKeys,
    sources: sources.opened,
    readiness: [
      { name: 'store', check: async () => (await resolver.lag()).events >= 0 },
      { name: 'plugins', check: () => problems.length === 0 },
    ],
    metrics: { contentType: metrics.contentType, text: metrics.metrics },
    log,
    now: clock.now,
    onRequest: ({ route, status, milliseconds }) => {
      metrics.add('tributary_http_requests_total', { route, status: String(status) });
      metrics.observe('tributary_http_request_seconds', { route }, milliseconds);
    },
  });
  const heads = await openHeadWriter(config, store, clock, log);
  const maintenance = createMaintenance(store, clock, log);

  await noteLife('hub.started');
  const { host, port } = await http.listen();
  loop.start();
  await delivery.start();
  heads?.start();
  if (store.kind === 'embedded') maintenance.start();

  async function noteLife(kind: 'hub.started' | 'hub.stopped'): Promise<void> {
    const details = {
      run: runId,
      sources: [...config.sources.keys()],
      destinations: [...config.destinations.keys()],
    };
    await store.transaction('background', (transaction) =>
      appendAudit(transaction, [{ kind, at: clock.now(), actor: 'hub', details }]),
    );
  }

  async function stop(): Promise<void> {
    // From the door inwards: nothing new comes in, what is in is finished, then the lights go out.
    await http.close(stopBoundMs);
    await running.stop();
    await intake.idle();
    await within(loop.stop(), stopBoundMs);
    await delivery.stop();
    await plugins.closeAll();
    await maintenance.stop();
    await noteLife('hub.stopped');
    await heads?.stop();
    await store.close();
  }

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    store,
    keys: apiKeys,
    delivery,
    metrics,
    firstKey,
    problems,
    stop: once(stop),
  };
}

const runId = randomUUID();

/** Delivery's own words for what happened, in the audit log's. */
function auditKindOf(kind: string): AuditKind {
  if (kind.startsWith('dead_letters.')) return 'deadletter.settled';
  return /^(instance|guard|ledger)\./.test(kind) ? 'delivery.instance' : 'delivery.batch';
}

function folderOf(config: HubConfig): string | undefined {
  return config.store.kind === 'embedded' ? config.store.folder : undefined;
}

function openConfiguredStore({ store }: HubConfig, metrics: Metrics): Promise<Store> {
  const onStatement = (lane: string, _name: string, milliseconds: number, waited: number): void => {
    metrics.observe('tributary_store_statement_seconds', { lane }, milliseconds);
    metrics.observe('tributary_store_wait_seconds', { lane }, waited);
  };
  return store.kind === 'embedded'
    ? openStore({ folder: store.folder, onStatement })
    : openStore({ url: store.url, schema: store.schema, onStatement });
}

async function openHeadWriter(
  config: HubConfig,
  store: Store,
  clock: Clock,
  log: HubLogger,
): Promise<HeadWriter | undefined> {
  const { headsFolder, headEveryMs } = config.audit;
  if (headsFolder === undefined) return undefined;
  // The key lives beside the store, the heads outside: who can rewrite the one cannot sign for the other.
  const key = await loadHeadKey(join(folderOf(config) ?? dirname(config.file), 'audit-head.key'));
  return createHeadWriter({ store, key, folder: headsFolder, everyMs: headEveryMs, clock, log });
}

async function within(work: Promise<void>, milliseconds: number): Promise<void> {
  const bound = new AbortController();
  await Promise.race([
    work,
    sleep(milliseconds, undefined, { signal: bound.signal }).catch(() => undefined),
  ]);
  bound.abort();
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}
