// One call of a plugin: bounded in time, cut off from the rest of the hub, its answer read with
// suspicion. `invoke` runs before anything is awaited, so that the latch's last look and the call
// are in one tick.
import type { DestinationCall, UnknownSettings } from '@tributary/sdk';
import type { InstanceWorld } from '../world.ts';
import { readFailure, readOutcomes, type CallFailure } from './read-outcomes.ts';
import type { Settlement } from './settlement.ts';

export type PluginCall = DestinationCall<UnknownSettings, unknown>;

export interface PluginAnswer {
  readonly settlements: ReadonlyMap<string, Settlement>;
  /** The call as a whole failed. */
  readonly failure: CallFailure | undefined;
}

export async function callPlugin(
  world: InstanceWorld,
  handles: readonly string[],
  invoke: (call: PluginCall) => Promise<unknown>,
  cut?: AbortSignal,
): Promise<PluginAnswer> {
  const { clock, limits, redact, traffic } = world;
  traffic.noteCall(clock.now());
  try {
    const call = async (): Promise<unknown> => withinTime(world, invoke, cut);
    const { tracing, id } = world;
    const answer = await (tracing ? tracing.deliver(id, handles.length, call) : call());
    const rules = { now: clock.now(), pollAfterMs: limits.pollAfterMs, redact };
    return { settlements: readOutcomes(answer, handles, rules), failure: undefined };
  } catch (error) {
    return { settlements: new Map(), failure: readFailure(error, redact) };
  }
}

/**
 * What is still running when its time is over is told to stop, and no longer listened to. What `cut`
 * stops is listened to all the same: it knows best what has happened until then.
 */
export async function withinTime<Result>(
  world: InstanceWorld,
  invoke: (call: PluginCall) => Promise<Result>,
  cut?: AbortSignal,
): Promise<Result> {
  const { clock, limits, destination, signal } = world;
  const over = new AbortController();
  const answered = new AbortController();
  const call: PluginCall = {
    ...destination.context,
    connection: destination.connection,
    signal: AbortSignal.any([
      signal,
      destination.context.signal,
      over.signal,
      ...(cut ? [cut] : []),
    ]),
  };
  const answer = invoke(call);
  const late = clock.sleep(limits.timeoutMs, answered.signal).then(
    () => {
      const error = new Error(`no answer within ${limits.timeoutMs} ms`);
      over.abort(error);
      throw error;
    },
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
  }
}
