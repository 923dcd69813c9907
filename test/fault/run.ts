// A run: life after life the hub is started, troubled and killed while people go on speaking to it; in
// between and at the end it is held to the journal.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  checkAudit,
  checkCounts,
  checkForwarded,
  checkLog,
  checkPushes,
  checkRebuilt,
  type Complaint,
} from './check.ts';
import { failpoints } from './failpoints.ts';
import { prepareGround, type Ground, type StoreKind } from './ground.ts';
import { drawLives, type Life, type Trouble } from './lives.ts';
import { readStore, type StoreReading } from './read-store.ts';
import { settle } from './settle.ts';
import { makeTrouble } from './trouble.ts';

export interface RunOptions {
  readonly store: StoreKind;
  readonly kills: number;
  readonly seed: number;
  readonly bug?: string;
  /** A check of everything after so many lives. Default 10. */
  readonly checkEvery?: number;
  readonly mostPeople?: number;
  readonly ownPostgres?: boolean;
  readonly troubles?: readonly Trouble['kind'][];
  /** Instead of drawn ones. */
  readonly lives?: readonly Life[];
  readonly settleWithinMs?: number;
  onLife?(done: number, all: number, what: string): void;
}

export interface Figures {
  readonly store: StoreKind;
  readonly seed: number;
  readonly lives: number;
  readonly killsAtFailpoints: number;
  readonly killsAtRandom: number;
  /** Failpoints that were passed at least once, and those that never were. */
  readonly passed: number;
  readonly neverPassed: readonly string[];
  /** Transactions that write and are in no row of the table. */
  readonly unlisted: readonly string[];
  readonly troubles: Readonly<Record<string, number>>;
  readonly said: number;
  readonly acknowledged: number;
  readonly logged: number;
  readonly people: number;
  readonly pushes: number;
  readonly mails: number;
  readonly auditEntries: number;
  readonly seconds: number;
  readonly complaints: readonly Complaint[];
}

export async function runFaults(options: RunOptions): Promise<Figures> {
  const ground = await prepareGround({
    kind: options.store,
    seed: options.seed,
    mostPeople: options.mostPeople ?? 250,
    ownPostgres: options.ownPostgres ?? true,
  });
  try {
    return await runOn(ground, options);
  } finally {
    await ground.close();
  }
}

interface Tally {
  killsAtFailpoints: number;
  killsAtRandom: number;
  readonly troubles: Record<string, number>;
  readonly complaints: Complaint[];
}

async function runOn(ground: Ground, options: RunOptions): Promise<Figures> {
  const began = performance.now();
  const tally: Tally = { killsAtFailpoints: 0, killsAtRandom: 0, troubles: {}, complaints: [] };
  const lives =
    options.lives ?? drawLives(options.store, options.kills, ground.random, options.troubles);
  const every = options.checkEvery ?? 10;
  ground.traffic.start();
  for (const [index, life] of lives.entries()) {
    const end = await live(ground, life, options);
    if (end === 'killed') tally.killsAtFailpoints += 1;
    else tally.killsAtRandom += 1;
    tally.troubles[life.trouble.kind] = (tally.troubles[life.trouble.kind] ?? 0) + 1;
    const { journal, mail, sink } = ground;
    tally.complaints.push(...checkPushes(journal, mail.journal, sink.received));
    const due = (index + 1) % every === 0 && index + 1 < lives.length;
    if (due) {
      tally.complaints.push(...(await inspect(ground, options)));
      ground.traffic.start();
    }
    const what = `${life.place?.at ?? 'at random'} (${life.trouble.kind})`;
    options.onLife?.(
      index + 1,
      lives.length,
      tally.complaints.length > 0 ? `${what}: ${tally.complaints[0]}` : what,
    );
    if (tally.complaints.length > 0) break;
  }
  if (tally.complaints.length === 0) tally.complaints.push(...(await inspect(ground, options)));
  const last = tally.complaints.length === 0 ? await inspectStore(ground) : undefined;
  tally.complaints.push(...(last?.complaints ?? []));
  return figuresOf(ground, options, tally, lives.length, last?.reading, performance.now() - began);
}

/** One life. @returns how it ended. */
async function live(ground: Ground, life: Life, options: RunOptions): Promise<'killed' | 'random'> {
  const { hub, wire } = ground;
  const before = await countKilled(ground);
  ground.order({
    ...(life.place && { kill: life.place }),
    ...(options.bug !== undefined && { bug: options.bug }),
    ...(life.trouble.kind === 'clock' && {
      clock: { afterMs: 300, offsetMs: life.trouble.offsetMs },
    }),
    ...(life.trouble.kind === 'meddled' && { meddle: life.trouble.places }),
  });
  const calm = new AbortController();
  try {
    if (life.way === 'rebuild') await hub.command('rebuild');
    else if (await started(ground, life)) {
      wire.lead(hub.url);
      const troubled = makeTrouble(ground, life.trouble, calm.signal);
      if (life.way === 'stop') {
        await sleep(400);
        process.kill(hub.pid, 'SIGTERM');
      }
      await Promise.race([hub.ended(), sleep(life.afterMs, undefined, { signal: calm.signal })]);
      wire.lead(undefined);
      calm.abort();
      await troubled;
      if (isRunning(ground)) await hub.kill();
    }
  } finally {
    wire.lead(undefined);
    calm.abort();
  }
  return (await countKilled(ground)) > before ? 'killed' : 'random';
}

function isRunning({ hub }: Ground): boolean {
  try {
    return hub.pid > 0;
  } catch {
    return false;
  }
}

/** False: it died on the way, as ordered, or its store was away. Any other failure to start is one. */
async function started(ground: Ground, { trouble }: Life): Promise<boolean> {
  const before = await countKilled(ground);
  try {
    await ground.hub.start();
    return true;
  } catch (error) {
    if ((await countKilled(ground)) > before) return false;
    if (trouble.kind === 'meddled' && String(error).includes('STORE_UNAVAILABLE')) return false;
    throw error;
  }
}

async function countKilled(ground: Ground): Promise<number> {
  return (await ground.notes()).filter((line) => line.startsWith('killed ')).length;
}

/** With a hub that nobody troubles: everything comes to rest where the journal says. */
async function inspect(ground: Ground, options: RunOptions): Promise<Complaint[]> {
  const { hub, wire, traffic, mail, sink } = ground;
  ground.order(options.bug === undefined ? {} : { bug: options.bug });
  mail.clearFaults();
  sink.setMood('well');
  wire.setLossOneIn(0);
  await hub.start();
  await ensureAdminKey(ground);
  wire.lead(hub.url);
  await traffic.pause();
  const complaints = await settle(ground, { withinMs: options.settleWithinMs ?? 60_000 });
  wire.lead(undefined);
  const code = await hub.stop();
  if (code !== 0) complaints.push(`the hub ended with code ${code}`);
  return complaints;
}

/** The first key is told once; a hub that died before it could takes another from the command line. */
async function ensureAdminKey(ground: Ground): Promise<void> {
  if (ground.hub.adminKey !== '') return;
  await ground.hub.stop();
  await ground.hub.makeAdminKey();
  await ground.hub.start();
}

async function inspectStore(
  ground: Ground,
): Promise<{ readonly complaints: Complaint[]; readonly reading: StoreReading }> {
  const { journal, traffic, sink, hub } = ground;
  await traffic.pause();
  const reading = await readStore(ground.settings);
  const complaints = [
    ...checkLog(journal, reading),
    ...checkAudit(reading),
    ...checkCounts(journal, traffic.users, reading),
    ...checkForwarded(journal, traffic.users, reading, sink.received),
  ];
  ground.order({});
  const { code, output } = await hub.command('rebuild');
  if (code !== 0) complaints.push(`rebuild ended with ${code}: ${output}`);
  const rebuilt = await readStore(ground.settings);
  complaints.push(...checkRebuilt(reading, rebuilt), ...checkAudit(rebuilt));
  return { complaints, reading };
}

async function figuresOf(
  ground: Ground,
  { store, seed }: RunOptions,
  tally: Tally,
  lives: number,
  reading: StoreReading | undefined,
  milliseconds: number,
): Promise<Figures> {
  const { journal, mail, sink, traffic } = ground;
  const notes = await ground.notes();
  const told = (kind: string): string[] =>
    notes.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));
  const passed = new Set(told('passed'));
  const neverPassed = failpoints.filter((name) => !passed.has(name));
  return {
    store,
    seed,
    lives,
    ...tally,
    passed: passed.size,
    neverPassed,
    unlisted: [...new Set(told('unlisted'))],
    said: journal.said.size,
    acknowledged: journal.acknowledged(),
    logged: reading?.events.length ?? 0,
    people: traffic.users.length,
    pushes: mail.journal.length + sink.received.length,
    mails: mail.mails().length,
    auditEntries: reading?.audit.size ?? 0,
    seconds: Math.round(milliseconds / 1_000),
  };
}
