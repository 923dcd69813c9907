// The one file that composes the hub. Read it from top to bottom and you have walked from a source to a
// destination: store, intake, resolve, audiences, delivery, and the doors (HTTP) that lead in.
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRedactor, type Clock } from '@tributary/sdk';
import { appendAudit } from './audit/append.ts';
import { auditKindOf } from './audit/entry.ts';
import { noteLife, startEntries, stopEntries, type HubLife } from './audit/life-entries.ts';
import { openHeadWriter } from './audit/open-head-writer.ts';
import { createAudienceEngine } from './audience/engine.ts';
import type { HubConfig } from './config/hub-config.ts';
import type { LoadedConfig } from './config/load-config.ts';
import { createConsentReader } from './consent/read.ts';
import { stopped } from './consent/stop.ts';
import { createDelivery, type Delivery } from './delivery/create-delivery.ts';
import { createDispatchLatch } from './delivery/dispatch-latch.ts';
import { createHttpServer, type HttpServer } from './http/http-server.ts';
import { createKeyStore, type KeyStore } from './http/key-store.ts';
import { collectMetrics } from './http/collect-metrics.ts';
import { createHubReads } from './http/create-hub-reads.ts';
import { rememberHandedOut } from './identity/find.ts';
import { countIntake } from './intake/count-intake.ts';
import { createIntake } from './intake/intake.ts';
import { createLogger, type HubLogger } from './observe/logger.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { systemClock } from './observe/system-clock.ts';
import { countBatch } from './resolve/count-batch.ts';
import type { InstanceProblem } from './plugins/runtime.ts';
import { createPluginRuntime } from './plugins/runtime.ts';
import { takeChange } from './resolve/change.ts';
import { createResolveLoop } from './resolve/loop.ts';
import { rebuildWhenRulesChanged } from './resolve/rebuild.ts';
import { rulesOf } from './resolve/rules-of-folding.ts';
import { createResolvedEventReader } from './resolve/read-resolved.ts';
import type { BatchReport } from './resolve/report.ts';
import { createResolver } from './resolve/resolver.ts';
import { internalSource } from './sources/internal-source.ts';
import { openDestinations, openSources } from './sources/open-instances.ts';
import { startSources, type RunningSources } from './sources/start-sources.ts';
import { bindKeyToStore, loadDeploymentKey } from './standardise/deployment-key.ts';
import type { DeploymentKeys } from './standardise/keys.ts';
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

/** The longest that the end of one part may hold up the end of the next. */
const stopBoundMs = 15_000;

export async function startHub(loaded: LoadedConfig, options: HubOptions = {}): Promise<Hub> {
  const world = createWorld(loaded, options);
  const ground = await prepareGround(loaded.config, world, options);
  const { store } = ground;
  const line = composeLine(ground, loaded.config, world, options);
  const plugins = await openPlugins(loaded, world);
  const delivery = composeDelivery(loaded, ground, line, plugins, world);
  line.resolved.tell = () => delivery.wake();

  if (await rebuildWhenRulesChanged({ store, room: line.room })) {
    world.log.info('config or code had changed: people were made anew from the log');
  }
  await line.audiences.install(store);
  const apiKeys = createKeyStore({ store, now: world.clock.now });
  const firstKey = await apiKeys.ensureFirst();
  const sources = startSources(plugins.sources, { ...world, store, intake: line.intake });
  const parts: Parts = { loaded, world, ground, line, plugins, delivery, sources };
  const http = composeHttp(parts, apiKeys, options);
  // The key that signs heads lives beside the store, the heads outside.
  const keyFolder = folderOf(loaded.config) ?? dirname(loaded.config.file);
  const heads = await openHeadWriter(store, loaded.config.audit, keyFolder, world);
  const maintenance = createMaintenance(store, world.clock, world.log);

  await noteLife(store, startEntries(lifeOf(parts)));
  const { host, port } = await http.listen();
  line.loop.start();
  await delivery.start();
  heads?.start();
  if (store.kind === 'embedded') maintenance.start();

  let stopping: Promise<void> | undefined;
  async function stop(): Promise<void> {
    // From the door inwards: nothing new comes in, what is in is finished, then the lights go out.
    await http.close(stopBoundMs);
    await sources.stop();
    await line.intake.idle();
    await within(line.loop.stop(), stopBoundMs);
    await delivery.stop();
    await plugins.runtime.closeAll();
    await maintenance.stop();
    await noteLife(store, stopEntries(lifeOf(parts)));
    await heads?.stop();
    await store.close();
  }

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    store,
    keys: apiKeys,
    delivery,
    metrics: world.metrics,
    firstKey,
    problems: plugins.problems,
    stop: () => (stopping ??= stop()),
  };
}

interface World {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: HubLogger;
  readonly metrics: Metrics;
}

function createWorld(loaded: LoadedConfig, options: HubOptions): World {
  return {
    clock: options.clock ?? systemClock,
    random: options.random ?? (() => Math.random()),
    log: options.log ?? createLogger({ secrets: loaded.secrets }),
    metrics: createMetrics(),
  };
}

interface Ground {
  readonly store: Store;
  readonly keys: DeploymentKeys;
  readonly settings: StandardiseSettings;
}

/** The store, bound to the deployment's key, and what standardisation goes by. */
async function prepareGround(
  config: HubConfig,
  { metrics }: World,
  options: HubOptions,
): Promise<Ground> {
  const store = options.store ?? (await openConfiguredStore(config, metrics));
  const key = await loadDeploymentKey(config.deploymentKey, folderOf(config));
  const keys = await bindKeyToStore(store, key);
  const sources = new Map([...config.sources, [internalSource.id, internalSource]]);
  return { store, keys, settings: { ...config, sources } };
}

/** Intake → event log → resolve → audiences. */
function composeLine(ground: Ground, config: HubConfig, world: World, options: HubOptions) {
  const { store, keys, settings } = ground;
  const { clock, log, metrics } = world;
  const audiences = createAudienceEngine({ config, takeChange, clock: () => performance.now() });
  const room = { settings, keys, audiences, evaluate: true, appendAudit, now: clock.now };
  const resolver = createResolver({
    store,
    room,
    isPassing: isStoreError,
    onBatch(report) {
      countBatch(metrics, report);
      options.onBatch?.(report);
    },
    onPutAside: (number) =>
      log.error('an event could not be resolved and was put aside', { number }),
  });
  // Whoever wants to know that something was resolved; delivery, once it is there.
  const resolved = { tell: (): void => undefined };
  const onProgress = (): void => resolved.tell();
  const loop = createResolveLoop({ ...world, store, resolver, audiences, onProgress });
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
    ...countIntake(metrics),
  });
  return { audiences, room, resolver, loop, latch, intake, resolved };
}

type Line = ReturnType<typeof composeLine>;

async function openPlugins(loaded: LoadedConfig, { clock, random, log, metrics }: World) {
  const runtime = createPluginRuntime({
    clock,
    random,
    log,
    secrets: loaded.secrets,
    onCall(instance, { status, failure, milliseconds }) {
      const result = failure ?? `${Math.floor((status ?? 0) / 100)}xx`;
      metrics.add('tributary_plugin_calls_total', { instance, result });
      metrics.observe('tributary_plugin_call_seconds', { instance }, milliseconds);
    },
  });
  const [sources, destinations] = await Promise.all([
    openSources(loaded, runtime),
    openDestinations(loaded, runtime),
  ]);
  const problems = [...sources.problems, ...destinations.problems];
  for (const { instance, message } of problems) log.error(message, { instance });
  return { runtime, sources: sources.opened, destinations: destinations.opened, problems };
}

type Plugins = Awaited<ReturnType<typeof openPlugins>>;

/** Profiles, consent and audiences → destinations. */
function composeDelivery(
  { config, secrets }: LoadedConfig,
  ground: Ground,
  { latch }: Line,
  plugins: Plugins,
  { clock, random, log }: World,
): Delivery {
  const { store } = ground;
  return createDelivery({
    store,
    config,
    plugins: plugins.destinations,
    consent: createConsentReader(config.consent, config.identity),
    stopped,
    readEvents: createResolvedEventReader(store, ground),
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
    redact: createRedactor(secrets),
  });
}

interface Parts {
  readonly loaded: LoadedConfig;
  readonly world: World;
  readonly ground: Ground;
  readonly line: Line;
  readonly plugins: Plugins;
  readonly delivery: Delivery;
  readonly sources: RunningSources;
}

/** The doors: sources, API, health, metrics. */
function composeHttp(parts: Parts, apiKeys: KeyStore, options: HubOptions): HttpServer {
  const { loaded, world, ground, line, plugins, delivery, sources } = parts;
  const { config } = loaded;
  const { metrics } = world;
  const consent = createConsentReader(config.consent, config.identity);
  const rooms = { ...ground, ...line, config, consent, delivery, sources };
  return createHttpServer({
    settings: { ...config.http, port: options.port ?? config.http.port },
    store: ground.store,
    intake: line.intake,
    hub: createHubReads(rooms),
    keys: apiKeys,
    sources: plugins.sources,
    readiness: [
      { name: 'store', check: async () => (await line.resolver.lag()).events >= 0 },
      { name: 'plugins', check: () => plugins.problems.length === 0 },
    ],
    metrics: collectMetrics(metrics, rooms),
    log: world.log,
    now: world.clock.now,
    onRequest({ route, status, milliseconds }) {
      metrics.add('tributary_http_requests_total', { route, status: String(status) });
      metrics.observe('tributary_http_request_seconds', { route }, milliseconds);
    },
  });
}

/** Of what config enables; the internal source is not a plugin. */
function lifeOf({ loaded: { config }, ground, plugins, world }: Parts): HubLife {
  const instances = [...config.sources.values(), ...config.destinations.values()];
  const enabled = instances.filter((instance) => instance.enabled);
  return {
    run: runId,
    at: world.clock.now(),
    rules: rulesOf(ground.settings),
    audiences: config.audiences.map(({ name }) => name),
    plugins: new Map(enabled.map(({ id, plugin }) => [id, plugin])),
    failed: plugins.problems,
  };
}

const runId = randomUUID();

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

async function within(work: Promise<void>, milliseconds: number): Promise<void> {
  const bound = new AbortController();
  await Promise.race([
    work,
    sleep(milliseconds, undefined, { signal: bound.signal }).catch(() => undefined),
  ]);
  bound.abort();
}
