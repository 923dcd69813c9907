// Hands a bounded number of connections to waiting work: lane by lane in the order of `lanes`,
// first come, first served inside a lane. The embedded store has one connection; a server has
// several, of which some are kept for intake and gate so that background work cannot starve them. Nor is
// background work starved by a flood: what has waited for long is let in between two others.
import { StoreError } from './errors.ts';
import { lanes } from './store.ts';
import type { Lane } from './store.ts';

export interface LaneQueueSettings {
  /** How many jobs run at once. */
  readonly capacity: number;
  /** How many of these only intake and gate may take. */
  readonly reserved: number;
  /** Milliseconds of a clock that never goes back. */
  readonly clock: () => number;
}

export interface LaneQueue {
  /** Runs `job` once its turn has come; `waited` is how long that took, in milliseconds. */
  run<T>(lane: Lane, job: (waited: number) => Promise<T>): Promise<T>;
  /** Refuses what waits and resolves when what runs has ended. */
  close(): Promise<void>;
}

interface Waiting {
  readonly since: number;
  readonly start: (waited: number) => Promise<void>;
  readonly refuse: (error: StoreError) => void;
}

/** Who waits for longer goes before lanes that come first, one at a time. */
export const patienceMs = 1_000;

/** Above this a lane is not slow but stuck; its callers hear so instead of filling the memory. */
const longestLane = 10_000;

export function createLaneQueue(settings: LaneQueueSettings): LaneQueue {
  const waiting: Record<Lane, Waiting[]> = { intake: [], gate: [], resolve: [], background: [] };
  const running: Record<Lane, number> = { intake: 0, gate: 0, resolve: 0, background: 0 };
  let closed = false;
  let gaveWay = false;
  let announceIdle: (() => void) | undefined;

  const total = (): number => lanes.reduce((sum, lane) => sum + running[lane], 0);

  function mayStart(lane: Lane): boolean {
    if (total() >= settings.capacity) return false;
    if (lane === 'intake' || lane === 'gate') return true;
    return running.resolve + running.background < settings.capacity - settings.reserved;
  }

  /** Intake and resolve alone can keep each other busy for as long as something floods. */
  function nextLane(): Lane | undefined {
    const ready = lanes.filter((lane) => waiting[lane].length > 0 && mayStart(lane));
    const since = (lane: Lane): number => waiting[lane][0]?.since ?? Infinity;
    const [first] = ready;
    const [oldest] = ready.toSorted((left, right) => since(left) - since(right));
    if (first === undefined || oldest === undefined) return undefined;
    gaveWay = !gaveWay && oldest !== first && settings.clock() - since(oldest) >= patienceMs;
    return gaveWay ? oldest : first;
  }

  function dispatch(): void {
    for (let lane = nextLane(); lane !== undefined; lane = nextLane()) {
      const next = waiting[lane].shift();
      if (next !== undefined) void start(lane, next);
    }
    if (total() === 0) announceIdle?.();
  }

  async function start(lane: Lane, next: Waiting): Promise<void> {
    running[lane] += 1;
    await next.start(settings.clock() - next.since);
    running[lane] -= 1;
    dispatch();
  }

  return {
    run: (lane, job) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closedError());
        if (waiting[lane].length >= longestLane) return reject(fullError(lane));
        waiting[lane].push({
          since: settings.clock(),
          start: (waited) => job(waited).then(resolve, reject),
          refuse: reject,
        });
        dispatch();
      }),
    async close() {
      closed = true;
      for (const lane of lanes) {
        for (const next of waiting[lane].splice(0)) next.refuse(closedError());
      }
      if (total() > 0) await new Promise<void>((resolve) => (announceIdle = resolve));
    },
  };
}

function closedError(): StoreError {
  return new StoreError('STORE_CLOSED', 'the store is closed. Open it again before using it.');
}

function fullError(lane: Lane): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    `lane ${lane}: found ${longestLane} pieces of work waiting, expected the database to keep up. Send less, or find what holds it.`,
  );
}
