// Drives a pulling or streaming source: each page is committed with its checkpoint in one transaction,
// and only then is the plugin's generator resumed. What fails is tried again with full jitter; wrong
// credentials pause the instance until an operator resumes it.
import {
  isPluginError,
  redactSecrets,
  type Clock,
  type PluginLogger,
  type SourcePage,
} from '@tributary/sdk';
import { isIntakeBusy, type Intake } from '../intake/intake.ts';
import { readCheckpoint } from '../intake/checkpoint.ts';
import type { Store } from '../store/store.ts';
import { readPages } from './read-pages.ts';
import type { SourceInstance } from './source-instance.ts';
import type { SourceTally } from './tally.ts';

export interface RunSourceOptions {
  readonly store: Store;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: PluginLogger;
  readonly signal: AbortSignal;
  /** Never shown in what is told of a failure. */
  readonly secrets: readonly string[];
}

/** The longest wait between two attempts. */
const backoffCapMs = 5 * 60_000;
const backoffBaseMs = 1_000;
/** A pull that brings nothing for so long is begun anew. */
const pullStallMs = 10 * 60_000;
/** A checkpoint larger than this is a source's mistake, not a place in a stream. */
const maxCheckpointBytes = 64 * 1_024;

/** Runs until the signal aborts or the credentials are refused. Never rejects. */
export async function runSource(
  instance: SourceInstance,
  tally: SourceTally,
  options: RunSourceOptions,
): Promise<void> {
  const { signal: halted } = instance.context;
  for (let failures = 0; !options.signal.aborted;) {
    if (halted.aborted) return tally.state('paused', describe(halted.reason, options));
    try {
      tally.state('running');
      await runOnce(instance, tally, options);
      failures = 0;
      if (instance.definition.stream) failures = 1;
      else await sleep(options, instance.settings.pullEveryMs);
    } catch (error) {
      if (options.signal.aborted) return;
      failures += 1;
      const kind = isPluginError(error) ? error.kind : 'unknown';
      const message = `SOURCE_FAILED: source ${instance.settings.id}: ${describe(error, options)}`;
      options.log.warn(message, { source: instance.settings.id, kind });
      if (kind === 'auth') return tally.state('paused', message);
      tally.state('waiting', message);
    }
    if (failures > 0 && !halted.aborted) {
      await sleep(options, waitAfter(failures, options.random));
    }
  }
  tally.state('stopped');
}

async function runOnce(
  instance: SourceInstance,
  tally: SourceTally,
  options: RunSourceOptions,
): Promise<void> {
  const { definition, settings, context, connection } = instance;
  const checkpoint = await readCheckpoint(options.store, settings.id);
  const run = definition.stream ?? definition.pull;
  if (!run) return;
  const signal = AbortSignal.any([options.signal, context.signal]);
  const stallMs = definition.stream ? undefined : pullStallMs;
  const pages = run({ ...context, connection, signal, checkpoint });
  for await (const page of readPages(pages, { clock: options.clock, signal, stallMs })) {
    // Somebody else may read on from the checkpoint already.
    if (options.signal.aborted) return;
    await commitPage(page, instance, tally, options);
    if (options.signal.aborted) return;
  }
}

async function commitPage(
  page: SourcePage,
  { settings }: SourceInstance,
  tally: SourceTally,
  options: RunSourceOptions,
): Promise<void> {
  const { checkpoint } = page;
  if (checkpoint !== undefined && JSON.stringify(checkpoint).length > maxCheckpointBytes) {
    throw new Error(
      `CHECKPOINT_TOO_LARGE: source ${settings.id}: more than ${maxCheckpointBytes} bytes of JSON. Keep a place, not the data.`,
    );
  }
  for (;;) {
    try {
      const receivedAt = options.clock.now();
      const submission = { source: settings, records: page.records, receivedAt };
      const receipt = await options.intake.submit(
        checkpoint === undefined ? submission : { ...submission, checkpoint },
      );
      return tally.page(receipt, receivedAt);
    } catch (error) {
      if (!isIntakeBusy(error)) throw error;
      await sleep(options, error.retryAfterSeconds * 1_000);
    }
  }
}

function waitAfter(failures: number, random: () => number): number {
  return random() * Math.min(backoffCapMs, backoffBaseMs * 2 ** Math.min(failures, 20));
}

async function sleep(options: RunSourceOptions, milliseconds: number): Promise<void> {
  await options.clock.sleep(milliseconds, options.signal).catch(() => undefined);
}

function describe(error: unknown, { secrets }: RunSourceOptions): string {
  const words = error instanceof Error ? error.message : String(error);
  return redactSecrets(words, secrets).slice(0, 500);
}
