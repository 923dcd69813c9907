// What one instance is handed: its settings, a fetch of its own, a logger that names it. Calls under
// way are counted, so that an instance that hangs can be told what it hangs on.
import {
  createPluginFetch,
  type PluginContext,
  type PluginFetch,
  type UnknownSettings,
} from '@tributary/sdk';
import type { InstanceRequest, PluginWorld } from './instance.ts';
import { limitLog } from './limit-log.ts';

export interface InstanceContext {
  readonly call: PluginContext<UnknownSettings>;
  /** Ends everything that the instance has under way. */
  abort(reason: Error): void;
  /** The same with a signal of its own, for closing: the instance's signal has aborted by then. */
  during(signal: AbortSignal): PluginContext<UnknownSettings>;
  /** Hosts that have not answered yet. */
  waitingFor(): readonly string[];
}

export function createInstanceContext(
  request: InstanceRequest,
  world: PluginWorld,
): InstanceContext {
  const stopped = new AbortController();
  const log = limitLog(world.log.child({ instance: request.id }), { now: () => world.clock.now() });
  const waiting: string[] = [];
  const during = (signal: AbortSignal): PluginContext<UnknownSettings> => ({
    instance: request.id,
    settings: request.settings,
    fetch: counting(waiting, createFetch(request, world, signal)),
    clock: world.clock,
    log,
    signal,
    random: world.random,
  });
  return {
    call: during(stopped.signal),
    abort: (reason) => stopped.abort(reason),
    during,
    waitingFor: () => [...new Set(waiting)],
  };
}

function createFetch(
  { id, timeoutMs }: InstanceRequest,
  world: PluginWorld,
  signal: AbortSignal,
): PluginFetch {
  return createPluginFetch({
    signal,
    secrets: world.secrets,
    onCall: (call) => world.onCall?.(id, call),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(world.fetch ? { fetch: world.fetch } : {}),
  });
}

function counting(waiting: string[], send: PluginFetch): PluginFetch {
  return async (url, init) => {
    const host = URL.parse(String(url))?.host ?? 'an address that is no URL';
    waiting.push(host);
    try {
      return await send(url, init);
    } finally {
      waiting.splice(waiting.indexOf(host), 1);
    }
  };
}
