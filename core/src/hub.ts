// The one file that composes the hub. Read it from top to bottom and you have walked from a source to a
// destination. The ground is what lives as long as the process: store, keys, intake, the server with its
// socket. A generation is what lives as long as a config: resolve, audiences, plugins, delivery, reads.
// A running hub takes up another config by composing the next generation beside the one that runs.
import { dirname } from 'node:path';
import { noteLife, startEntries, stopEntries } from './audit/life-entries.ts';
import { openHeadWriter } from './audit/open-head-writer.ts';
import { previewWorlds } from './change/preview-worlds.ts';
import { carryConsent } from './change/carry-consent.ts';
import { createChanges, type Changes } from './change/changes.ts';
import { createConfigSource } from './change/config-source.ts';
import { fingerprintOf } from './change/fingerprint.ts';
import type { Generation } from './change/generation.ts';
import { begin } from './change/hand-over.ts';
import { endInTurn, orEnd, unlessAborted } from './change/in-turn.ts';
import { lifeOf } from './change/life.ts';
import { takeUp } from './change/take-up.ts';
import { createReconfigure, type Carried, type Reconfigure } from './change/reconfigure.ts';
import { folderOf, type HubConfig } from './config/hub-config.ts';
import type { LoadedConfig } from './config/load-config.ts';
import { readRestoreNote, settleRestore, type RestoreNote } from './backup/restored.ts';
import { createConfigWorld } from './config/world.ts';
import type { ConsentReader } from './consent/read.ts';
import { createDelivery } from './delivery/create-delivery.ts';
import { deliverySettings } from './delivery/compose-settings.ts';
import { createDispatchLatch, type DispatchLatch } from './delivery/dispatch-latch.ts';
import { createDuty, type Duty } from './duty/duty.ts';
import { createHttpServer, type HttpFront, type HttpServer } from './http/http-server.ts';
import { createKeyStore, type KeyStore } from './http/key-store.ts';
import { countRequests } from './http/count-requests.ts';
import { collectMetrics } from './http/collect-metrics.ts';
import { createReadiness } from './http/create-readiness.ts';
import { createHubReads } from './http/create-hub-reads.ts';
import { readLastReceived } from './intake/checkpoint.ts';
import { countIntake } from './intake/count-intake.ts';
import { createIntake, type Intake } from './intake/intake.ts';
import { traceIntake } from './intake/trace-intake.ts';
import { createLogger } from './observe/logger.ts';
import { countMaintenance } from './observe/count-maintenance.ts';
import { countStatements } from './observe/count-statements.ts';
import { createMetrics } from './observe/metrics.ts';
import { createSteadyClock } from './observe/steady-clock.ts';
import { createPrivacy, type Privacy } from './privacy/privacy.ts';
import { countCalls } from './plugins/count-calls.ts';
import { within } from './plugins/within.ts';
import { createPluginRuntime, type PluginRuntime } from './plugins/runtime.ts';
import { createPace } from './resolve/pace.ts';
import { createLine, type Line } from './resolve/create-line.ts';
import { createResolvedEventReader, type ResolvedEventReader } from './resolve/read-resolved.ts';
import { withInternalSource } from './sources/internal-source.ts';
import { createHalt } from './sources/halt-instance.ts';
import { createPausedSources, type PausedSources } from './sources/paused.ts';
import { leftOutOf, openPlugins, type OpenPlugins } from './sources/open-instances.ts';
import { createSources } from './sources/start-sources.ts';
import { openDeploymentKeys } from './standardise/deployment-key.ts';
import type { DeploymentKeys } from './standardise/keys.ts';
import type { Hub, HubOptions, OnStore, World } from './hub-types.ts';
import { openStore } from './store/open.ts';
import { createMaintenance } from './store/maintenance.ts';
import type { Store } from './store/store.ts';

export type { Hub, HubOptions } from './hub-types.ts';
/** The longest that the end of one part may hold up the end of the next. */
const stopBoundMs = 15_000;

export async function startHub(loaded: LoadedConfig, options: HubOptions = {}): Promise<Hub> {
  const world = createWorld(loaded, options);
  const onStatement = countStatements(world.metrics);
  const store = options.store ?? (await openStore({ ...loaded.config.store, onStatement }));
  const end = (): Promise<void> => store.close();
  return orEnd(end, () => startOn(loaded, world, { ...options, store }));
}

async function startOn(loaded: LoadedConfig, world: World, options: OnStore): Promise<Hub> {
  const ground = await prepareGround(loaded, world, options);
  const { store, runtime } = ground;
  const first = composeGeneration(ground, loaded, await openPlugins(loaded, runtime));
  ground.running.generation = first;
  const firstKey = await ground.apiKeys.ensureFirst();
  const reconfigure = composeReconfigure(ground, () => ({ http, changes }));
  const changes = composeChanges(ground, reconfigure, loaded.config.file, options);
  const http = composeHttp(ground, first, changes, options);
  // The key that signs heads lives beside the store, the heads outside.
  const keyFolder = folderOf(loaded.config) ?? dirname(loaded.config.file);
  const heads = await openHeadWriter(store, loaded.config.audit, keyFolder, ground);
  const maintenance = createMaintenance(store, world.clock, world.log, {
    onRun: countMaintenance(world.metrics),
  });

  // From the door inwards: nothing new comes in, what is in is finished, then the lights go out.
  const stop = endInTurn([
    () => http.close(stopBoundMs),
    // Who makes people anew before it works has the turn, and would have it for long.
    () => ground.current().loop.halt(),
    () => reconfigure.close(),
    () => ground.current().sources.stop(),
    () => ground.intake.idle(),
    () => within(ground.privacy.stop(), stopBoundMs),
    () => within(ground.current().loop.stop(), stopBoundMs),
    () => ground.current().delivery.stop(),
    () => runtime.closeAll(),
    () => maintenance.stop(),
    () => noteLife(store, stopEntries(lifeOf(ground.current(), world.clock.now()))),
    () => heads?.stop(),
    () => options.tracing?.close(),
    () => ground.duty.stop(),
    () => store.close(),
  ]);

  const { host, port } = await unlessAborted(options.signal, stop, async () => {
    await noteLife(store, startEntries(lifeOf(first, world.clock.now())));
    const address = await http.listen();
    // Whoever is on duty may fold people anew first, which writes much.
    if (store.kind === 'embedded') maintenance.start();
    await ground.duty.start({ ...reconfigure, announce: ground.latch.announce });
    heads?.start();
    return address;
  });

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    store,
    keys: ground.apiKeys,
    get delivery() {
      return ground.current().delivery;
    },
    metrics: world.metrics,
    firstKey,
    get problems() {
      return ground.current().plugins.problems;
    },
    get config() {
      return ground.current().config;
    },
    reconfigure: reconfigure.apply,
    halt: createHalt(ground),
    changes,
    stop,
  };
}

function createWorld(loaded: LoadedConfig, options: HubOptions): World {
  const log = options.log ?? createLogger({ secrets: loaded.secrets });
  return {
    clock: createSteadyClock(log, options.clock),
    random: options.random ?? (() => Math.random()),
    log,
    metrics: createMetrics(),
    secrets: [...loaded.secrets],
    pace: createPace(),
    tracing: options.tracing,
    onBatch: options.onBatch,
    onConfig: options.onConfig,
  };
}

/** What lives as long as the process. */
interface Ground extends World {
  readonly store: Store;
  /** Which of several processes on the store works. */
  readonly duty: Duty;
  readonly keys: DeploymentKeys;
  readonly apiKeys: KeyStore;
  readonly runtime: PluginRuntime;
  readonly latch: DispatchLatch;
  readonly intake: Intake;
  readonly paused: PausedSources;
  /** Where the store came from a backup. */
  readonly restored: RestoreNote | undefined;
  readonly privacy: Privacy;
  readonly readEvents: ResolvedEventReader;
  readonly running: { generation?: HubGeneration };
  current(): HubGeneration;
}

/** The store, bound to the deployment's key; what plugins are opened with; intake into the event log. */
async function prepareGround(
  { config }: LoadedConfig,
  world: World,
  { store, release }: OnStore,
): Promise<Ground> {
  const { clock, metrics, tracing } = world;
  clock.startFrom((await readLastReceived(store)) ?? 0);
  const keys = await openDeploymentKeys(store, config.deploymentKey, folderOf(config));
  const duty = createDuty({ ...world, store, monotonic: () => performance.now() });
  const restored = await readRestoreNote(store);
  const leftOut = await leftOutOf(store, config, release);
  const latch = createDispatchLatch(clock);
  const running: Ground['running'] = {};
  const current = (): HubGeneration => {
    if (running.generation) return running.generation;
    throw new Error('the hub was asked for its config before it had composed one');
  };
  const intake = createIntake({
    store,
    bounds: config.intake,
    settings: withInternalSource(config),
    keys,
    historicalBefore: restored?.restoredAt,
    async onCommitted(stops) {
      current().loop.wake();
      if (stops.length > 0) await Promise.all([latch.announce(stops), duty.announce(stops)]);
    },
    ...countIntake(metrics, tracing),
  });
  return {
    ...world,
    store,
    duty,
    keys,
    apiKeys: createKeyStore({ store, now: clock.now }),
    runtime: createPluginRuntime({ ...world, leftOut, onCall: countCalls(metrics, tracing) }),
    latch,
    intake: traceIntake(intake, tracing),
    paused: createPausedSources(store, clock.now),
    restored,
    privacy: createPrivacy({ ...world, store, duty, intake, current }),
    readEvents: createResolvedEventReader(store, { keys, settings: () => current().settings }),
    running,
    current,
  };
}

/** What lives as long as a config. */
interface HubGeneration extends Generation, Line {
  readonly config: HubConfig;
  readonly consent: ConsentReader;
}

/** What nothing has changed for is carried over from the one before. */
function composeGeneration(
  ground: Ground,
  loaded: LoadedConfig,
  plugins: OpenPlugins,
  carried?: Carried<HubGeneration>,
): HubGeneration {
  const { config } = loaded;
  for (const { instance, message } of plugins.problems) ground.log.error(message, { instance });
  const before = carried?.generation;
  const settings = withInternalSource(config);
  const consent = carryConsent(config, before);
  const delivering = carried?.peopleAnew === true ? undefined : before?.delivery;
  const delivery = createDelivery(
    deliverySettings(ground, loaded, plugins.destinations, consent),
    delivering,
  );
  const working = { ...ground, store: ground.duty.store };
  const line = createLine(working, config, settings, delivery);
  const sources = createSources(plugins.sources, ground, before?.sources);
  const fingerprint = fingerprintOf(config, ground.keys);
  return { loaded, config, fingerprint, settings, plugins, sources, consent, delivery, ...line };
}

/** The doors: sources, API, health, metrics. */
function composeHttp(
  ground: Ground,
  generation: HubGeneration,
  changes: Changes,
  options: HubOptions,
): HttpServer {
  const { store, intake, apiKeys, metrics, log, clock, current, tracing, paused } = ground;
  const { http } = generation.config;
  return createHttpServer({
    ...frontOf(ground, generation, changes),
    settings: { ...http, port: options.port ?? http.port },
    store,
    intake,
    keys: apiKeys,
    metrics: collectMetrics(metrics, () => ({ ...ground, ...current() })),
    log,
    tracing,
    paused,
    now: clock.now,
    onRequest: countRequests(metrics),
  });
}

/** What is answered by one config. */
function frontOf(ground: Ground, generation: HubGeneration, changes: Changes): HttpFront {
  const { plugins, config } = generation;
  return {
    trustProxy: config.http.trustProxy,
    hub: createHubReads({ ...ground, ...generation, changes }),
    sources: plugins.sources,
    readiness: createReadiness({
      ...ground,
      ...generation,
      now: ground.clock.now,
      folder: folderOf(config),
    }),
  };
}

/** From one generation to the next. */
function composeReconfigure(
  ground: Ground,
  doors: () => { readonly http: HttpServer; readonly changes: Changes },
): Reconfigure {
  return createReconfigure<HubGeneration>({
    ...ground,
    hide(secrets) {
      ground.secrets.push(...secrets);
      ground.log.hide(secrets);
    },
    settle: (next) => settleRestore({ ...ground, ...next }),
    begin: (next) => (ground.duty.isHeld ? begin(next) : Promise.resolve()),
    takeUp: (generation) => takeUp({ ...ground, ...generation, generation }),
    compose: (loaded, plugins, before) => composeGeneration(ground, loaded, plugins, before),
    prepareDoors(next) {
      const { http, changes } = doors();
      const front = http.prepare(frontOf(ground, next, changes));
      return () => {
        ground.intake.goBy({ bounds: next.config.intake, settings: next.settings });
        ground.running.generation = next;
        return front.take();
      };
    },
  });
}

/** What a changed config would do, asked of the rooms without a plugin being opened. */
function composeChanges(
  ground: Ground,
  reconfigure: Reconfigure,
  file: string,
  options: HubOptions,
): Changes {
  return createChanges({
    ...ground,
    reconfigure,
    source: createConfigSource(file, options.configWorld ?? createConfigWorld(process.env)),
    previewWorlds: (next) => previewWorlds(ground, next),
  });
}
