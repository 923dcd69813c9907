// One destination instance at work: a loop that plans and workers that send, each step of which can
// be run by hand. Instances share the store and nothing else.
import { readLog, readPosition } from './forward/read-log.ts';
import { sendEvents } from './forward/send-events.ts';
import { pollEvents } from './forward/settle-events.ts';
import { pollActions } from './action/poll-actions.ts';
import { sendActions } from './action/send-actions.ts';
import { readInstanceState, resumeByHub, type InstanceState } from './instance-state.ts';
import { createLoop, type Loop } from './loop.ts';
import { planStep } from './plan/plan.ts';
import { createSweep } from './plan/sweep.ts';
import { recover } from './recover.ts';
import { withinTime } from './send/call-plugin.ts';
import { pollStates } from './state/poll-states.ts';
import { sendStates } from './state/send-states.ts';
import type { InstanceSetup } from './instance-worlds.ts';
import type { InstanceWorld } from './world.ts';

export interface DeliveryInstance {
  /** For operators, who may speak to a process that does not deliver. */
  readonly world: InstanceWorld;
  /** Takes its place in the log where it is new: before more is resolved. */
  takePlace(from?: number): Promise<void>;
  /** Takes up what a process before this one left under way, then runs until `stop`. */
  start(): Promise<void>;
  /** Lets calls that are under way settle, within a bound. */
  stop(): Promise<void>;
  /** Something changed: do not wait for the next tick. */
  wake(): void;
  recover(): Promise<void>;
  /** One step; true when there may be more. */
  planOnce(): Promise<boolean>;
  sendOnce(): Promise<boolean>;
}

const planEveryMs = 500;
const sendEveryMs = 250;
/** How often a paused instance whose credentials failed asks whether they are good again. */
const checkEveryMs = 300_000;

const recoverAgainMs = 1_000;
/** A call that has not settled by then is told to stop; what it carried is in doubt. */
const stopBoundMs = 10_000;

export function createDeliveryInstance({ workStore, ...setup }: InstanceSetup): DeliveryInstance {
  const stopping = new AbortController();
  const operated: InstanceWorld = { ...setup, signal: stopping.signal };
  const world: InstanceWorld = { ...operated, store: workStore };
  let starting: Promise<void> | undefined;
  const sweep = createSweep();
  const openedAt = world.clock.now();
  let nextCheckAt = 0;

  /** Opened anew, perhaps with other credentials: these are tried at once. */
  const checkAt = (since: number): number =>
    nextCheckAt === 0 && since < openedAt ? 0 : Math.max(nextCheckAt, since + checkEveryMs);

  const planOnce = async (): Promise<boolean> => {
    const planned = await planStep(world, sweep);
    if (planned) world.guardMemory.forget();
    return (await readLog(world)) || planned;
  };

  const sendOnce = async (): Promise<boolean> => {
    const standing = await world.store.transaction('gate', (transaction) =>
      readInstanceState(transaction, world.id),
    );
    const { state, code, since } = standing;
    if (state === 'paused') {
      const now = world.clock.now();
      if (code !== 'AUTH_FAILED' || now < checkAt(since)) return false;
      nextCheckAt = now + checkEveryMs;
      return resumeIfGood(world, standing);
    }
    if (world.traffic.nextCallAt() > world.clock.now() + 2_000) return false;
    let busy = await sendStates(world, state);
    busy = (await pollStates(world)) || busy;
    if (state !== 'running') return busy;
    busy = (await sendActions(world)) || busy;
    busy = (await pollActions(world)) || busy;
    busy = (await sendEvents(world)) || busy;
    return (await pollEvents(world)) || busy;
  };

  const senders = Array.from({ length: world.limits.concurrency }, () =>
    createLoop(world, sendOnce, sendEveryMs),
  );
  const planAndWake = async (): Promise<boolean> => {
    const busy = await planOnce();
    if (busy) for (const sender of senders) sender.wake();
    return busy;
  };
  const loops: Loop[] = [createLoop(world, planAndWake, planEveryMs), ...senders];

  /** A store that is away for a moment must not keep the instance from running later. */
  async function start(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await recover(world);
        for (const loop of loops) loop.start();
        return;
      } catch (error) {
        const message = error instanceof Error ? error.message : 'unknown failure';
        world.log.error(`${world.id}: delivery could not be taken up`, { message });
        await world.clock.sleep(recoverAgainMs, stopping.signal).catch(() => undefined);
      }
    }
  }

  return {
    world: operated,
    planOnce,
    sendOnce,
    async takePlace(from) {
      if (world.settings.events !== undefined) await readPosition(world, from);
    },
    recover: () => recover(world),
    start: () => (starting ??= start()),
    async stop() {
      const ended = Promise.all(loops.map((loop) => loop.stop()));
      const bound = world.clock.sleep(stopBoundMs, stopping.signal).catch(() => undefined);
      await Promise.race([ended, bound]);
      stopping.abort(new Error('the instance is stopped'));
      await Promise.all([ended, starting]);
    },
    wake() {
      for (const loop of loops) loop.wake();
    },
  };
}

async function resumeIfGood(world: InstanceWorld, pause: InstanceState): Promise<boolean> {
  const { check } = world.destination.plugin;
  if (!check) return false;
  try {
    await withinTime(world, async (call) => check(call));
  } catch {
    return false;
  }
  return resumeByHub(world, pause);
}
