// Between the gate's last look and the moment a request is on its way, a withdrawal could be
// acknowledged and the request still leave. The latch closes that gap inside a process: a request
// opens a hold before the gate looks; intake announces each stop after its commit and before it
// acknowledges. A stop is then either seen by the gate (committed before), or announced to the
// hold (and taken out in the tick of the call), or intake waits for the call that has it. A call may
// be many requests, and one that hangs would go on after the wait: it is cut off first.
import type { Clock } from '@tributary/sdk';

/** A denial, withdrawal or erasure that intake has committed; `*` stands for all. */
export interface AnnouncedStop {
  readonly identifierHash: string;
  readonly purpose: string;
  readonly channel: string;
}

export interface HoldEntry {
  readonly handle: string;
  /** The vendor key's identifier and all of the person's. */
  readonly hashes: readonly string[];
  /** `erasure`: a denial or withdrawal lets it go. Default `any`. */
  readonly stoppedBy?: StoppedBy | undefined;
}

/** Which stops hold a delivery back. */
export type StoppedBy = 'any' | 'erasure';

export interface Hold {
  /**
   * Called in the tick of the plugin call: the handles that a stop announced since the hold was
   * opened forbids. The rest counts as handed over until `release`.
   */
  dispatch(entries: readonly HoldEntry[]): ReadonlySet<string>;
  /** Aborts when the call may make no further request: somebody it carries has said no. */
  readonly signal: AbortSignal;
  /** The call has settled, or will not be made. */
  release(): void;
}

export interface DispatchLatch {
  /** Before the gate reads anything. */
  open(question: { readonly purposes: readonly string[]; readonly channel: string }): Hold;
  /**
   * After the commit of the stops, before their acknowledgement. Takes effect at once; resolves
   * when no call that was already handed over carries one of them, or after the bound, when those
   * that still do have been cut off.
   */
  announce(stops: readonly AnnouncedStop[]): Promise<void>;
}

/** By then most calls have ended by themselves; a slow vendor must not hold intake up. */
const longestWaitMs = 2_000;

interface OpenHold {
  readonly concerns: (stop: AnnouncedStop) => boolean;
  /** By the stops that it is held back by. An erasure is among `any` too. */
  readonly announced: Record<StoppedBy, Set<string>>;
  readonly carried: Record<StoppedBy, Set<string>>;
  readonly released: Promise<void>;
  readonly cut: AbortController;
}

export function createDispatchLatch(clock: Clock): DispatchLatch {
  const holds = new Set<OpenHold>();

  function open(question: {
    readonly purposes: readonly string[];
    readonly channel: string;
  }): Hold {
    const { promise: released, resolve } = Promise.withResolvers<void>();
    const hold: OpenHold = {
      concerns: (stop) => concerns(question, stop),
      announced: { any: new Set(), erasure: new Set() },
      carried: { any: new Set(), erasure: new Set() },
      released,
      cut: new AbortController(),
    };
    holds.add(hold);
    return {
      signal: hold.cut.signal,
      dispatch: (entries) => dispatch(hold, entries),
      release() {
        holds.delete(hold);
        resolve();
      },
    };
  }

  async function announce(stops: readonly AnnouncedStop[]): Promise<void> {
    const carriers: OpenHold[] = [];
    for (const hold of holds) {
      if (noteStops(hold, stops)) carriers.push(hold);
    }
    if (carriers.length === 0) return;
    const released = Promise.all(carriers.map((hold) => hold.released));
    await atMost(clock, longestWaitMs, released);
    for (const hold of carriers) if (holds.has(hold)) hold.cut.abort(withdrawn());
  }

  return { open, announce };
}

/** True where the hold carries one of them. */
function noteStops(hold: OpenHold, stops: readonly AnnouncedStop[]): boolean {
  let isCarried = false;
  for (const stop of stops.filter(hold.concerns)) {
    for (const by of heldBack(stop)) {
      hold.announced[by].add(stop.identifierHash);
      isCarried ||= hold.carried[by].has(stop.identifierHash);
    }
  }
  return isCarried;
}

function heldBack({ purpose, channel }: AnnouncedStop): readonly StoppedBy[] {
  return purpose === '*' && channel === '*' ? ['any', 'erasure'] : ['any'];
}

function withdrawn(): Error {
  return new Error('somebody whom the call carries has said no meanwhile');
}

function concerns(
  question: { readonly purposes: readonly string[]; readonly channel: string },
  stop: AnnouncedStop,
): boolean {
  const purpose = stop.purpose === '*' || question.purposes.includes(stop.purpose);
  return purpose && (stop.channel === '*' || stop.channel === question.channel);
}

function dispatch(hold: OpenHold, entries: readonly HoldEntry[]): ReadonlySet<string> {
  const stopped = new Set<string>();
  for (const { handle, hashes, stoppedBy = 'any' } of entries) {
    if (hashes.some((hash) => hold.announced[stoppedBy].has(hash))) stopped.add(handle);
    else for (const hash of hashes) hold.carried[stoppedBy].add(hash);
  }
  return stopped;
}

async function atMost(clock: Clock, milliseconds: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const bound = clock.sleep(milliseconds, over.signal).catch(() => undefined);
  await Promise.race([work, bound]);
  over.abort();
}
