// What a run stands on: a store that can be filled, cut off or restarted, two vendors and a feed, the
// wire, the people, and the hub's process over all of it.
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StoreSettings } from '../../core/src/store/open.ts';
import { startSendgridFake, type SendgridFake } from '../fakes/sendgrid/fake.ts';
import { createHubProcess, type HubProcess } from '../support/hub-process.ts';
import { createRandom, type Random } from '../support/random.ts';
import { postgresUrl } from '../support/services.ts';
import { dropSchema, freshSchema } from '../support/schemas.ts';
import { makeDisk, type Disk } from './disk.ts';
import { startFeed, type Feed } from './feed.ts';
import { createJournal, type Journal } from './journal.ts';
import { ordersVariable, type Orders } from './orders.ts';
import { startPostgresCluster, type PostgresCluster } from './postgres-cluster.ts';
import { sendgridKey, shopConfig, shopEnvironment } from './shop.ts';
import { startSink, type Sink } from './sink.ts';
import { createTraffic, type Traffic } from './traffic.ts';
import { startWire, type Wire } from './wire.ts';

export type StoreKind = 'embedded' | 'server';

export interface Ground {
  readonly kind: StoreKind;
  readonly random: Random;
  readonly disk: Disk;
  readonly cluster: PostgresCluster | undefined;
  /** For reading the store of a stopped hub. */
  readonly settings: StoreSettings;
  readonly mail: SendgridFake;
  readonly sink: Sink;
  readonly feed: Feed;
  readonly journal: Journal;
  readonly wire: Wire;
  readonly traffic: Traffic;
  readonly hub: HubProcess;
  /** For the next start of the hub, or of a command. */
  order: Order;
  /** Another process on the same store, where two were asked for. */
  readonly neighbour: Workplace | undefined;
  /** Beside what the processes note. */
  note(line: string): Promise<void>;
  /** What was noted so far, a line each. */
  notes(): Promise<readonly string[]>;
  close(): Promise<void>;
}

type Order = (orders: Omit<Orders, 'log'>) => void;

export interface Workplace {
  readonly hub: HubProcess;
  readonly order: Order;
}

export interface GroundOptions {
  readonly kind: StoreKind;
  readonly seed: number;
  readonly mostPeople: number;
  /** A PostgreSQL of its own, that may be restarted; else a schema in the machine's. */
  readonly ownPostgres: boolean;
  readonly faithful: boolean;
  readonly processes: 1 | 2;
}

const diskMegabytes = 700;

export async function prepareGround(options: GroundOptions): Promise<Ground> {
  const { kind } = options;
  const random = createRandom(options.seed);
  const closing: (() => Promise<unknown>)[] = [];
  const keep = <Part>(part: Part, close: (part: Part) => Promise<unknown>): Part => {
    closing.unshift(() => close(part));
    return part;
  };
  const disk = keep(await makeDisk(diskMegabytes), (made) => made.dispose());
  const database = await placeStore(options, disk, keep);
  const folder = keep(await mkdtemp(join(tmpdir(), 'tributary-fault-')), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  const log = join(folder, 'notes');
  await appendFile(log, '');
  const journal = createJournal();
  const mail = keep(await startSendgridFake({ apiKey: sendgridKey }), (fake) => fake.close());
  for (const list of ['Readers', 'Buyers']) mail.addList(list);
  const sink = keep(await startSink(), (made) => made.close());
  const feed = keep(await startFeed(journal), (made) => made.close());
  const wire = keep(await startWire(journal, random), (made) => made.close());
  const config = shopConfig({
    hub: database.config,
    sendgridUrl: mail.url,
    sinkUrl: sink.url,
    feedUrl: feed.url,
  });
  const furnish = async (): Promise<Workplace> => {
    const made = await createWorkplace(config, log);
    keep(made.hub, (hub) => hub.dispose());
    return made;
  };
  const first = await furnish();
  const neighbour = options.processes === 2 ? await furnish() : undefined;
  const { mostPeople, faithful } = options;
  const now = Date.now;
  const traffic = createTraffic({ url: wire.url, feed, random, now, mostPeople, faithful });
  keep(traffic, (made) => made.close());
  const { cluster, settings } = database;
  const parts = { kind, random, disk, cluster, settings, mail, sink, feed, journal, wire };
  return {
    ...parts,
    traffic,
    ...first,
    neighbour,
    note: (line) => appendFile(log, `${line}\n`),
    notes: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
    async close() {
      for (const close of closing) await close().catch(() => undefined);
    },
  };
}

async function createWorkplace(config: string, log: string): Promise<Workplace> {
  const environment: Record<string, string> = { ...shopEnvironment };
  const entry = fileURLToPath(new URL('hub-main.ts', import.meta.url));
  return {
    hub: await createHubProcess({ config, environment, entry }),
    order: (orders) => void (environment[ordersVariable] = JSON.stringify({ ...orders, log })),
  };
}

interface PlacedStore {
  /** The hub's section of config but for its name. */
  readonly config: object;
  readonly settings: StoreSettings;
  readonly cluster: PostgresCluster | undefined;
}

type Keep = <Part>(part: Part, close: (part: Part) => Promise<unknown>) => Part;

async function placeStore(
  { kind, ownPostgres }: GroundOptions,
  disk: Disk,
  keep: Keep,
): Promise<PlacedStore> {
  if (kind === 'embedded') {
    const folder = join(disk.folder, 'store');
    // The key of the deployment is made beside it.
    return { config: { store: { folder } }, settings: { folder }, cluster: undefined };
  }
  const cluster = ownPostgres ? await startPostgresCluster(disk.folder) : undefined;
  const schema = freshSchema();
  if (cluster) keep(cluster, (made) => made.stop());
  else keep(schema, dropSchema);
  const url = cluster?.url ?? postgresUrl;
  const config = { store: { url, schema }, key: '${FAULT_KEY}' };
  return { config, settings: { url, schema }, cluster };
}
