// The context of a plugin in a test: time stands still, the log is kept, chance is repeatable.
import type { Clock, PluginContext, PluginFetch } from '../context.ts';
import { createPluginFetch } from '../create-fetch.ts';
import { createTestClock, type TestClock } from './test-clock.ts';
import { createTestLog, type TestLog } from './test-log.ts';

/** What the context is made of. Only `settings` is needed. */
export interface TestContextOptions<Settings, TimeSource extends Clock = TestClock> {
  readonly settings: Settings;
  /** Default `test`. */
  readonly instance?: string;
  /** Default: a `createTestClock()`. */
  readonly clock?: TimeSource;
  /** Default: the real one, with a time-out of five seconds. */
  readonly fetch?: PluginFetch;
  /** Never to be logged; see `collectSecrets`. Default: none. */
  readonly secrets?: readonly string[];
  /** Default: a `createTestLog(secrets)`. */
  readonly log?: TestLog;
  /** Of `random`. Default 1. */
  readonly seed?: number;
}

/** The context, with what a test holds on to. */
export interface TestContext<
  Settings,
  TimeSource extends Clock = TestClock,
> extends PluginContext<Settings> {
  readonly clock: TimeSource;
  readonly log: TestLog;
  /** What the hub does when it stops the instance. */
  abort(): void;
}

/**
 * A context as the hub would give it to a plugin, without a hub. Settings are taken as they are: see
 * `validateSettings` for what fills in defaults.
 */
export function createTestContext<Settings>(
  options: TestContextOptions<Settings>,
): TestContext<Settings>;
export function createTestContext<Settings, TimeSource extends Clock>(
  options: TestContextOptions<Settings, TimeSource> & { readonly clock: TimeSource },
): TestContext<Settings, TimeSource>;
export function createTestContext<Settings>(
  options: TestContextOptions<Settings, Clock>,
): TestContext<Settings, Clock> {
  const controller = new AbortController();
  const { signal } = controller;
  const secrets = options.secrets ?? [];
  return {
    instance: options.instance ?? 'test',
    settings: options.settings,
    clock: options.clock ?? createTestClock(),
    fetch: options.fetch ?? createPluginFetch({ timeoutMs: 5_000, signal, secrets }),
    log: options.log ?? createTestLog(secrets),
    signal,
    random: createTestRandom(options.seed ?? 1),
    abort: () => controller.abort(),
  };
}

/** Uniform in [0, 1), the same row for the same seed (mulberry32). */
export function createTestRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
