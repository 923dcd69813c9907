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
import { startLoopbackVendor, type VendorReaction, type VendorRequest } from './loopback-vendor.ts';
import { onlyTo } from './only-to.ts';
import type { FunctionPlay } from './function-play.ts';
import { closeInTime, openInTime, settle } from './settle.ts';
import { createTestClock, type TestClock } from './test-clock.ts';
import { createTestContext } from './test-context.ts';
import { createTestLog, type TestLog, type TestLogLine } from './test-log.ts';
import type { SettingsVerdict } from './validate-settings.ts';
import { show, violate } from './violation.ts';

/**
 * A destination and all that is needed to play it; `validate` is a `createSettingsValidator` of its schema.
 */
export interface DestinationStage {
  readonly plugin: DestinationPlugin;
  readonly cases: DestinationCases;
  readonly validate: (settings: unknown) => SettingsVerdict;
}

interface InstanceOptions {
  /** Default `accept`. */
  readonly scenario?: VendorScenario;
  /** From this request on (counted from 0, after opening) the vendor reacts so, whatever is asked. */
  readonly fault?: { readonly from: number; react(now: number): VendorReaction };
  /** The vendor cannot be reached at all. */
  readonly down?: boolean;
  /** Of the plugin's fetch. Default 5,000. */
  readonly timeoutMs?: number;
  /** The hub aborts the call after so many real milliseconds. Default 5,000. */
  readonly abortAfterMs?: number;
  /** When it is played, milliseconds since 1970. */
  readonly now?: number;
  /** Of the context's randomness. Default 1. */
  readonly seed?: number;
}

/** What is played, and what goes wrong meanwhile. Default: nothing does. */
export interface PlayOptions extends InstanceOptions {
  readonly input: DestinationInput;
}

/** What a call did, and how the hub would read it. */
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

/**
 * Plays one call: starts the vendor, opens the instance, calls, follows jobs, closes both.
 * What the call throws comes back as `thrown`; what `open` or `close` throws is thrown on.
 * @throws ContractViolation where the settings of the cases break the schema.
 */
export async function playDestination(
  stage: DestinationStage,
  options: PlayOptions,
): Promise<Play> {
  const { input } = options;
  const { plugin } = stage;
  return withDestination(stage, options, async ({ call, clock, abort, requests }) => {
    const result = await settle(async () => callDestination(plugin, call, input));
    const endedAfterAbortMs = abort.clear();
    const callRequests = requests().length;
    const verdicts = readVerdicts(input.deliveries, result);
    if (endedAfterAbortMs === undefined) {
      await followJobs({ plugin, call, clock, input, result, verdicts });
    }
    return {
      requests,
      callRequests,
      answer: 'value' in result ? result.value : undefined,
      thrown: 'error' in result ? result.error : undefined,
      verdicts,
      endedAfterAbortMs,
    };
  });
}

type InstanceCall = DestinationCall<UnknownSettings, unknown>;

/**
 * Plays a function that takes no deliveries, e.g. `check`.
 * @param work is given a way to say what the vendor plays from then on
 */
export async function playDestinationFunction(
  stage: DestinationStage,
  options: InstanceOptions,
  work: (call: InstanceCall, become: (scenario: VendorScenario) => void) => Promise<unknown>,
): Promise<FunctionPlay> {
  const play = await withDestination(stage, options, async ({ call, abort, become, requests }) => {
    const result = await settle(async () => work(call, become));
    return { result, requests, endedAfterAbortMs: abort.clear() };
  });
  return { ...play, requests: play.requests.length };
}

interface Opened {
  readonly call: InstanceCall;
  readonly clock: TestClock;
  readonly abort: { clear(): number | undefined };
  /** Since it was opened. */
  readonly requests: () => readonly VendorRequest[];
  readonly become: (scenario: VendorScenario) => void;
}

interface Seen {
  readonly requests: () => readonly VendorRequest[];
}

interface Traces {
  readonly requests: readonly VendorRequest[];
  readonly strangers: readonly string[];
  readonly log: readonly TestLogLine[];
  readonly secrets: readonly string[];
}

async function withDestination<Value extends Seen>(
  stage: DestinationStage,
  options: InstanceOptions,
  work: (opened: Opened) => Promise<Value>,
): Promise<Omit<Value, 'requests'> & Traces> {
  const clock = createTestClock({
    sleeps: 'pass',
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  // Requests are counted from the call on: what opening the instance asks for is always answered.
  let opened = Number.POSITIVE_INFINITY;
  const { fault } = options;
  let { scenario = { kind: 'accept' } } = options;
  const vendor = await startLoopbackVendor((request, index) => {
    const isFaulty = fault !== undefined && index - opened >= fault.from;
    return isFaulty ? fault.react(clock.now()) : stage.cases.vendor.respond(request, scenario);
  });
  // As in the hub: what is fetched ends with the instance, and a call that is given up only by its signal.
  const instance = new AbortController();
  const stop = new AbortController();
  const { plugin, cases } = stage;
  try {
    const settings = settingsFor(stage.validate, cases.settings(vendor.url));
    const secrets = collectSecrets(plugin.settings, settings);
    const log = createTestLog(secrets, 'keep');
    const strangers: string[] = [];
    const given = { settings, secrets, log, signal: instance.signal, clock };
    const context = contextOf(options, given, onlyTo(vendor.url, strangers));
    const connection = await openInTime(async () => plugin.open?.(context));
    opened = vendor.requests.length;
    if (options.down === true) await vendor.close();
    const requests = (): readonly VendorRequest[] => vendor.requests.slice(opened);
    const value = await work({
      call: { ...context, connection, signal: AbortSignal.any([instance.signal, stop.signal]) },
      clock,
      abort: abortAfter(stop, options.abortAfterMs ?? patienceMs),
      requests,
      become: (next) => void (scenario = next),
    });
    await closeInTime(async () => plugin.close?.({ ...context, connection }));
    return { ...value, requests: requests(), strangers, log: log.lines, secrets };
  } finally {
    instance.abort();
    if (options.down !== true) await vendor.close();
  }
}

/** Real milliseconds after which every call is aborted, as the hub's time-out would. */
const patienceMs = 5_000;

interface Given {
  readonly settings: UnknownSettings;
  readonly secrets: readonly string[];
  readonly log: TestLog;
  readonly signal: AbortSignal;
  readonly clock: TestClock;
}

function contextOf(
  options: InstanceOptions,
  { settings, secrets, log, signal, clock }: Given,
  wrap: (fetch: PluginFetch) => PluginFetch,
): Omit<DestinationCall<UnknownSettings, unknown>, 'connection'> {
  const timeoutMs = options.timeoutMs ?? patienceMs;
  const fetch = wrap(createPluginFetch({ timeoutMs, signal, secrets }));
  const { seed } = options;
  const given = { settings, clock, log, fetch, secrets, ...(seed !== undefined && { seed }) };
  return { ...createTestContext(given), signal };
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
