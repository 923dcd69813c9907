// Several processes may run on one server store, of one version or of two neighbouring ones. All of them
// take records in and answer questions; one is on duty: it resolves, pulls and delivers. Its claim lapses
// unless it is renewed, so another takes over where it dies, and at once where it stops in peace.
import { randomUUID } from 'node:crypto';
import type { Clock, PluginLogger } from '@tributary/sdk';
import type { AnnouncedStop } from '../delivery/dispatch-latch.ts';
import type { Listening, Store } from '../store/store.ts';
import { fence } from './fence.ts';
import { claimDuty, releaseDuty, renewDuty } from './plans.ts';
import { findHolder, openStopLine, tellHolderOf } from './stop-line.ts';

export interface Duty {
  readonly isHeld: boolean;
  /** The store for those who work: refuses what an earlier holder still writes. */
  readonly store: Store;
  /** Claims it now, and from then on until `stop`. Resolves after the first attempt. */
  start(work: Work): Promise<void>;
  /** Gives it up; the next one need not wait. Call when the work has ended. */
  stop(): Promise<void>;
  /**
   * Tells the holder, where that is another process, of stops that were committed here. Resolves when
   * none of its calls carries one of them any more, or when it is no longer the holder.
   */
  announce(stops: readonly AnnouncedStop[]): Promise<void>;
}

export interface Work {
  /** This process is on duty from now on. May take its time; rejects soon where `end` is called meanwhile. */
  begin(): Promise<void>;
  /**
   * It is not any more: another may be soon. All that works, or was about to, must have ended when it
   * resolves.
   */
  end(): Promise<void>;
  /** Another process took these stops in. Resolves when no call carries one of them. */
  announce(stops: readonly AnnouncedStop[]): Promise<void>;
}

export interface DutyOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: PluginLogger;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
  readonly times?: DutyTimes;
}

/** In milliseconds. */
export interface DutyTimes {
  /** A claim lapses so long after its last renewal. */
  readonly lapse: number;
  readonly renewEvery: number;
  /**
   * Without a renewal for so long, the holder ends its work. What is left of `lapse` must be enough for
   * calls under way to settle or to be cut off.
   */
  readonly giveUpAfter: number;
}

const defaultTimes: DutyTimes = { lapse: 20_000, renewEvery: 3_000, giveUpAfter: 8_000 };

/** Nobody else can have opened an embedded store. */
export function createSoleDuty(store: Store): Duty {
  let isHeld = false;
  return {
    get isHeld() {
      return isHeld;
    },
    store,
    async start(work) {
      isHeld = true;
      await work.begin();
    },
    async stop() {
      isHeld = false;
    },
    announce: () => Promise.resolve(),
  };
}

interface Claim {
  readonly epoch: number;
  readonly line: Listening;
  renewedAt: number;
}

export function createDuty(options: DutyOptions): Duty {
  const { store, clock, log } = options;
  if (store.kind === 'embedded') return createSoleDuty(store);
  const times = options.times ?? defaultTimes;
  const owner = randomUUID();
  const ending = new AbortController();
  const claimant = createClaimant(options, owner, times, ending.signal);
  let claim: Claim | undefined;
  let running: Promise<void> | undefined;

  async function take(work: Work): Promise<void> {
    claim = await claimant.take((stops) => work.announce(stops));
    if (claim === undefined) return;
    const held = claim;
    log.info('this process is on duty: it resolves, pulls and delivers', { epoch: held.epoch });
    try {
      await begin(held, work);
    } catch (error) {
      if (claim !== held) return; // lost meanwhile: that is why it did not begin
      await giveUp();
      throw error;
    }
  }

  /** To begin may take longer than a claim lasts, where people are made anew first. */
  async function begin(held: Claim, work: Work): Promise<void> {
    const over = new AbortController();
    const kept = keepUntil(AbortSignal.any([over.signal, ending.signal]), held, work);
    try {
      await work.begin();
    } finally {
      over.abort();
      await kept;
    }
  }

  async function keepUntil(over: AbortSignal, held: Claim, work: Work): Promise<void> {
    while (!over.aborted && claim === held) {
      await clock.sleep(times.renewEvery, over).catch(() => undefined);
      if (!over.aborted) await keep(held, work);
    }
  }

  async function giveUp(): Promise<void> {
    const given = claim;
    claim = undefined;
    await given?.line.close();
    await store.query('gate', releaseDuty, [owner]);
  }

  async function keep(held: Claim, work: Work): Promise<void> {
    if (await claimant.renew(held)) return;
    log.error('this process is not on duty any more: its claim could not be renewed');
    claim = undefined;
    await work.end();
    await held.line.close();
  }

  async function run(work: Work): Promise<void> {
    while (!ending.signal.aborted) {
      await clock.sleep(times.renewEvery, ending.signal).catch(() => undefined);
      if (ending.signal.aborted) return;
      try {
        await (claim === undefined ? take(work) : keep(claim, work));
      } catch (error) {
        log.warn('duty could not be claimed', { reason: reasonOf(error) });
      }
    }
  }

  return {
    get isHeld() {
      return claim !== undefined;
    },
    store: fence(store, () => claim && { owner, epoch: claim.epoch }),
    async start(work) {
      await take(work);
      if (claim === undefined) log.info('another process is on duty: this one stands by');
      running ??= run(work);
    },
    async stop() {
      ending.abort();
      await running;
      await giveUp();
    },
    announce: (stops) => tellHolderOf(store, options, owner, stops),
  };
}

interface Claimant {
  /** Undefined: another process has it. */
  take(announce: Work['announce']): Promise<Claim | undefined>;
  /** False: it must be taken for lost. */
  renew(claim: Claim): Promise<boolean>;
}

function createClaimant(
  { store, clock, monotonic }: DutyOptions,
  owner: string,
  times: DutyTimes,
  ending: AbortSignal,
): Claimant {
  async function attempt(): Promise<number | undefined> {
    const [row] = await store.query<{ epoch: number }>('gate', claimDuty, [owner, times.lapse]);
    return row?.epoch;
  }

  /** A line that does not answer does not hear either. False: another process has taken over. */
  async function renewOn({ line, epoch }: Claim): Promise<boolean> {
    await line.check();
    return (await store.query('gate', renewDuty, [owner, epoch, times.lapse])).length > 0;
  }

  const leftOf = ({ renewedAt }: Claim): number => renewedAt + times.giveUpAfter - monotonic();

  return {
    async take(announce) {
      if ((await findHolder(store)) !== undefined) return undefined;
      // From the moment of the claim on others tell this process, so it listens before.
      const line = await openStopLine(store, announce);
      const renewedAt = monotonic();
      const epoch = await attempt().catch(() => undefined);
      if (epoch !== undefined) return { epoch, line, renewedAt };
      await line.close();
      return undefined;
    },
    async renew(claim) {
      const sentAt = monotonic();
      const late = clock.sleep(Math.max(0, leftOf(claim)), ending).catch(() => undefined);
      const renewed = renewOn(claim).catch(() => undefined);
      const isOurs = await Promise.race([renewed, late.then(() => undefined)]);
      if (isOurs === true) claim.renewedAt = sentAt;
      return claim.line.isOpen && isOurs !== false && leftOf(claim) > 0;
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
