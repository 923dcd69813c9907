// A run: life after life the hub is started, troubled and killed while people go on speaking to it; in
// between and at the end it is held to the journal.
import {
  checkAudit,
  checkCounts,
  checkForwarded,
  checkLog,
  checkPushes,
  checkRebuilt,
  pushesToSink,
  type Complaint,
} from './check.ts';
import { pushesOf } from '../e2e/delivery/journal.ts';
import { countTroubles } from './count-troubles.ts';
import { failpoints, failpointsOf } from './failpoints.ts';
import { prepareGround, type Ground, type StoreKind } from './ground.ts';
import { endBeside, liveBeside } from './live-beside.ts';
import { live, type End } from './live.ts';
import { lapseDuty } from './lapse-duty.ts';
import { drawLives, type Life, type Trouble } from './lives.ts';
import { owedEvents } from './obligations.ts';
import { readStore, type StoreReading } from './read-store.ts';
import { settle } from './settle.ts';

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
  /** Everybody agrees to everything and never takes it back. */
  readonly faithful?: boolean;
  /** Two share a store on a server; one is killed while the other takes over. Default 1. */
  readonly processes?: 1 | 2;
  /** A complaint like this ends the run: it is all that is wanted. */
  readonly enough?: RegExp;
  onLife?(done: number, all: number, what: string): void;
}

export interface Figures {
  readonly store: StoreKind;
  readonly seed: number;
  readonly processes: 1 | 2;
  readonly lives: number;
  readonly killsAtFailpoints: number;
  readonly killsAtRandom: number;
  /** Lives whose time was over before anybody came to their place. */
  readonly missed: number;
  /** Hubs that ended on their own, with their store in trouble. */
  readonly endedByThemselves: number;
  /** Failpoints that were passed at least once, and those of the store that never were. */
  readonly passed: number;
  readonly neverPassed: readonly string[];
  /** Passed, though the table says that nobody ever comes there on this store. */
  readonly passedAgainstTable: readonly string[];
  /** Transactions that write and are in no row of the table. */
  readonly unlisted: readonly string[];
  /** Lives in which each was really made, and of `meddled` the commits. */
  readonly troubles: Readonly<Record<string, number>>;
  readonly said: number;
  readonly acknowledged: number;
  readonly logged: number;
  /** Events that had to reach the receiver. */
  readonly owed: number;
  readonly people: number;
  /** That put somebody on a list, told of her or wrote to her, at both vendors. */
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
    faithful: options.faithful ?? false,
    processes: options.processes ?? 1,
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
  missed: number;
  endedByThemselves: number;
  readonly complaints: Complaint[];
}

async function runOn(ground: Ground, options: RunOptions): Promise<Figures> {
  const began = performance.now();
  const tally: Tally = {
    killsAtFailpoints: 0,
    killsAtRandom: 0,
    missed: 0,
    endedByThemselves: 0,
    complaints: [],
  };
  const lives = options.lives ?? drawLives(options.store, options.kills, ground.random, options);
  const every = options.checkEvery ?? 10;
  ground.traffic.start();
  for (const [index, life] of lives.entries()) {
    const lived = ground.neighbour === undefined ? live : liveBeside;
    noteEnd(tally, life, await lived(ground, life, options.bug));
    const { journal, mail, sink } = ground;
    tally.complaints.push(...checkPushes(journal, mail.journal, sink.received));
    const due = (index + 1) % every === 0 && index + 1 < lives.length;
    if (due) {
      tally.complaints.push(...(await inspect(ground, options)));
      // Where something is wrong nobody comes who would hear them.
      if (tally.complaints.length === 0) ground.traffic.start();
    }
    const what = `${life.place?.at ?? 'at random'} (${life.trouble.kind})`;
    options.onLife?.(
      index + 1,
      lives.length,
      tally.complaints.length > 0 ? `${what}: ${tally.complaints[0]}` : what,
    );
    if (tally.complaints.length > 0) break;
  }
  const { complaints } = tally;
  if (complaints.length === 0) complaints.push(...(await inspect(ground, options)));
  // What the vendors show is one half: what the store shows is told besides.
  const enough = complaints.some((complaint) => options.enough?.test(complaint));
  const last = enough ? undefined : await inspectStore(ground);
  complaints.push(...(last?.complaints ?? []));
  return figuresOf(ground, options, tally, lives.length, last?.reading, performance.now() - began);
}

const counterOf = {
  'at-place': 'killsAtFailpoints',
  'at-random': 'killsAtRandom',
  missed: 'missed',
  'by-itself': 'endedByThemselves',
} as const satisfies Record<End, keyof Tally>;

function noteEnd(tally: Tally, { trouble }: Life, end: End): void {
  tally[counterOf[end]] += 1;
  if (end !== 'by-itself') return;
  const hasStore = trouble.kind === 'none' || trouble.kind === 'clock';
  if (hasStore) tally.complaints.push('the hub ended by itself');
}

/** With a hub that nobody troubles: everything comes to rest where the journal says. */
async function inspect(ground: Ground, options: RunOptions): Promise<Complaint[]> {
  const { hub, wire, traffic, mail, sink } = ground;
  await endBeside(ground);
  ground.order(options.bug === undefined ? {} : { bug: options.bug });
  mail.clearFaults();
  sink.setMood('well');
  wire.setLossOneIn(0);
  await lapseDuty(ground.settings);
  await hub.start();
  await ensureAdminKey(ground);
  wire.lead(hub.url);
  await traffic.pause();
  const complaints = await settle(ground);
  wire.lead();
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
  // After a complaint in the middle of a life nobody has been heard to the end, and no hub runs.
  await traffic.giveUp();
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
  { store, seed, processes = 1 }: RunOptions,
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
  const possible = failpointsOf(store);
  const impossible = failpoints.filter((name) => !possible.includes(name));
  return {
    store,
    seed,
    processes,
    lives,
    ...tally,
    troubles: countTroubles(notes),
    passed: passed.size,
    neverPassed: possible.filter((name) => !passed.has(name)),
    passedAgainstTable: impossible.filter((name) => passed.has(name)),
    unlisted: [...new Set(told('unlisted'))],
    said: journal.said.size,
    acknowledged: journal.acknowledged(),
    logged: reading?.events.length ?? 0,
    owed: owedEvents(journal, traffic.users).length,
    people: traffic.users.length,
    pushes: pushesOf(mail.journal).length + pushesToSink(sink.received).length,
    mails: mail.mails().length,
    auditEntries: reading?.audit.size ?? 0,
    seconds: Math.round(milliseconds / 1_000),
  };
}
