// Plays one call of a destination against the vendor on the loopback, and reads the result as the hub
// does: by handle, with thrown errors standing for the whole batch, and jobs followed to their end.
import type { PluginFetch } from '../context.ts';
import { createPluginFetch } from '../create-fetch.ts';
import type { DestinationCall, DestinationPlugin } from '../destination.ts';
import type { DeliveryOutcome } from '../outcome.ts';
import { collectSecrets } from '../redact.ts';
import type { UnknownSettings } from '../settings.ts';
import { callDestination } from './call-destination.ts';
import type { DestinationCases, DestinationInput, VendorScenario } from './destination-cases.ts';
import { readVerdicts, type Verdict } from './destination-verdict.ts';
import { followJobs } from './follow-jobs.ts';
import {
  startLoopbackVendor,
  type LoopbackVendor,
  type VendorReaction,
  type VendorRequest,
} from './loopback-vendor.ts';
import { onlyTo } from './only-to.ts';
import { settle } from './settle.ts';
import { createTestClock, type TestClock } from './test-clock.ts';
import { createTestContext } from './test-context.ts';
import { createTestLog, type TestLog, type TestLogLine } from './test-log.ts';
import type { SettingsVerdict } from './validate-settings.ts';
import { show, violate } from './violation.ts';

export interface DestinationStage {
  readonly plugin: DestinationPlugin;
  readonly cases: DestinationCases;
  readonly validate: (settings: unknown) => SettingsVerdict;
}

export interface PlayOptions {
  readonly input: DestinationInput;
  /** Default `accept`. */
  readonly scenario?: VendorScenario;
  /** From this request on (counted from 0) the vendor reacts so, whatever is asked. */
  readonly fault?: { readonly from: number; react(now: number): VendorReaction };
  /** The vendor cannot be reached at all. */
  readonly down?: boolean;
  /** Of the plugin's fetch. Default 5,000. */
  readonly timeoutMs?: number;
  /** The hub aborts the call after so many real milliseconds. */
  readonly abortAfterMs?: number;
  /** When it is played, milliseconds since 1970. */
  readonly now?: number;
}

export interface Play {
  readonly requests: readonly VendorRequest[];
  /** How many of them the call itself made, before any poll. */
  readonly callRequests: number;
  /** What the call returned; undefined where it threw. */
  readonly answer: readonly DeliveryOutcome[] | undefined;
  readonly thrown: unknown;
  /** Per handle that was handed in; a handle that is missing or doubled is unknown. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Hosts other than the vendor's that it asked, or tried to. */
  readonly strangers: readonly string[];
  readonly log: readonly TestLogLine[];
  readonly secrets: readonly string[];
  /** Real milliseconds from the abort to the end of the call. */
  readonly endedAfterAbortMs: number | undefined;
}

export async function playDestination(
  stage: DestinationStage,
  options: PlayOptions,
): Promise<Play> {
  const clock = createTestClock({
    sleeps: 'pass',
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  // Requests are counted from the call on: what opening the instance asks for is always answered.
  const opening = { requests: Number.POSITIVE_INFINITY };
  const { fault, scenario = { kind: 'accept' } } = options;
  const vendor = await startLoopbackVendor((request, index) => {
    const isFaulty = fault !== undefined && index - opening.requests >= fault.from;
    return isFaulty ? fault.react(clock.now()) : stage.cases.vendor.respond(request, scenario);
  });
  try {
    return await playAgainst(vendor, { stage, options, clock, opening });
  } finally {
    await vendor.close();
  }
}

interface Scene {
  readonly stage: DestinationStage;
  readonly options: PlayOptions;
  readonly clock: TestClock;
  readonly opening: { requests: number };
}

async function playAgainst(vendor: LoopbackVendor, scene: Scene): Promise<Play> {
  const { plugin, cases } = scene.stage;
  const { input } = scene.options;
  const settings = settingsFor(scene.stage.validate, cases.settings(vendor.url));
  const secrets = collectSecrets(plugin.settings, settings);
  const log = createTestLog(secrets, 'keep');
  // As in the hub: what is fetched ends with the instance, and a call that is given up only by its signal.
  const stop = new AbortController();
  const strangers: string[] = [];
  const instance = new AbortController();
  const given = { settings, secrets, log, signal: instance.signal };
  const context = contextOf(scene, given, onlyTo(vendor.url, strangers));
  const connection: unknown = await plugin.open?.(context);
  scene.opening.requests = vendor.requests.length;
  if (scene.options.down === true) await vendor.close();
  const signal = AbortSignal.any([instance.signal, stop.signal]);
  const call: DestinationCall<UnknownSettings, unknown> = { ...context, connection, signal };
  const abort = abortAfter(stop, scene.options.abortAfterMs ?? patienceMs);
  const result = await settle(async () => callDestination(plugin, call, input));
  const endedAfterAbortMs = abort.clear();
  const callRequests = vendor.requests.length - scene.opening.requests;
  const verdicts = readVerdicts(input.deliveries, result);
  if (!stop.signal.aborted) {
    await followJobs({ plugin, call, clock: scene.clock, input, result, verdicts });
  }
  await plugin.close?.({ ...context, connection });
  instance.abort();
  return {
    requests: vendor.requests.slice(scene.opening.requests),
    callRequests,
    answer: 'value' in result ? result.value : undefined,
    thrown: 'error' in result ? result.error : undefined,
    verdicts,
    strangers,
    log: log.lines,
    secrets,
    endedAfterAbortMs,
  };
}

/** Real milliseconds after which every call is aborted, as the hub's time-out would. */
const patienceMs = 5_000;

interface Given {
  readonly settings: UnknownSettings;
  readonly secrets: readonly string[];
  readonly log: TestLog;
  readonly signal: AbortSignal;
}

function contextOf(
  { options, clock }: Scene,
  { settings, secrets, log, signal }: Given,
  wrap: (fetch: PluginFetch) => PluginFetch,
): Omit<DestinationCall<UnknownSettings, unknown>, 'connection'> {
  const timeoutMs = options.timeoutMs ?? patienceMs;
  const fetch = wrap(createPluginFetch({ timeoutMs, signal, secrets }));
  return { ...createTestContext({ settings, clock, log, fetch, secrets }), signal };
}

/** `clear` tells how long ago the abort was, if there was one. */
function abortAfter(stop: AbortController, milliseconds: number): { clear(): number | undefined } {
  let abortedAt: number | undefined;
  const timer = setTimeout(() => {
    abortedAt = performance.now();
    stop.abort();
  }, milliseconds);
  return {
    clear() {
      clearTimeout(timer);
      return abortedAt === undefined ? undefined : performance.now() - abortedAt;
    },
  };
}

/** Settings as the hub would hand them over; fails the check where the schema refuses them. */
export function settingsFor(
  validate: DestinationStage['validate'],
  value: unknown,
): UnknownSettings {
  const verdict = validate(value);
  if (verdict.ok) return verdict.settings;
  return violate(`the settings of the cases break the plugin's schema: ${show(verdict.problems)}`);
}
