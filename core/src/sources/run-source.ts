// Drives a pulling or streaming source: each page is committed, the checkpoint together with its last
// records, and only then is the plugin's generator resumed. What fails is tried again with full jitter; wrong
// credentials pause the instance until they are good again or an operator resumes it, as she may pause it herself.
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  isPluginError,
  redactSecrets,
  type Clock,
  type PluginLogger,
  type SourcePage,
} from '@tributary/sdk';
import { isIntakeBusy, type Intake, type Submission } from '../intake/intake.ts';
import { checkCheckpoint } from '../intake/check-checkpoint.ts';
import { readCheckpoint } from '../intake/checkpoint.ts';
import type { Store } from '../store/store.ts';
import { awaitCredentials } from './await-credentials.ts';
import { pausedText, readPaused } from './paused.ts';
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
/** Records of a page that are committed at once. */
const pieceRecords = 1_000;

/** Runs until the signal aborts, an operator pauses it or the credentials are refused. Never rejects. */
export async function runSource(
  instance: SourceInstance,
  tally: SourceTally,
  options: RunSourceOptions,
): Promise<void> {
  const { signal: halted } = instance.context;
  for (let failures = 0; !options.signal.aborted;) {
    if (halted.aborted) return tally.state('paused', describeFailure(halted.reason, options));
    const isHealthy = watchHealth(tally, options.clock);
    try {
      const { id } = instance.settings;
      if ((await readPaused(options.store)).has(id)) return tally.state('paused', pausedText(id));
      tally.state('running');
      await runOnce(instance, tally, options);
      failures = 0;
      if (instance.definition.stream) failures = 1;
      else await sleep(options, instance.settings.pullEveryMs);
    } catch (error) {
      if (options.signal.aborted) return;
      failures = isHealthy() ? 1 : failures + 1;
      const kind = isPluginError(error) ? error.kind : 'unknown';
      const message = `SOURCE_FAILED: source ${instance.settings.id}: ${describeFailure(error, options)}`;
      options.log.warn(message, { source: instance.settings.id, kind });
      if (kind === 'auth') {
        tally.state('paused', message);
        if (!(await awaitCredentials(instance, options))) return;
        failures = 0;
      } else tally.state('waiting', message);
    }
    if (failures > 0 && !halted.aborted) {
      await sleep(options, waitAfter(failures, options.random));
    }
  }
  tally.state('stopped');
}

/** A run that brought something new, or lasted, was none of a row of failures. */
function watchHealth(tally: SourceTally, clock: Clock): () => boolean {
  const { accepted } = tally.status();
  const since = clock.now();
  return () => tally.status().accepted > accepted || clock.now() - since > backoffCapMs;
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

/**
 * A large page in pieces, so that others get their turn between them. Its checkpoint comes with the last:
 * a page that is cut short is read again, and what was taken of it is known by then.
 */
async function commitPage(
  { records, checkpoint }: SourcePage,
  { settings }: SourceInstance,
  tally: SourceTally,
  options: RunSourceOptions,
): Promise<void> {
  const problem = checkpoint === undefined ? undefined : checkCheckpoint(settings.id, checkpoint);
  if (problem !== undefined) throw new Error(problem);
  const last = Math.max(0, records.length - pieceRecords);
  for (let from = 0; from < last; from += pieceRecords) {
    const piece = records.slice(from, Math.min(last, from + pieceRecords));
    await commit({ source: settings, records: piece }, tally, options);
    if (options.signal.aborted) return;
  }
  const rest = { source: settings, records: records.slice(last) };
  await commit(checkpoint === undefined ? rest : { ...rest, checkpoint }, tally, options);
}

/** What is busy is waited for until the source is to end; then nothing is taken. */
async function commit(
  submission: Omit<Submission, 'receivedAt'>,
  tally: SourceTally,
  options: RunSourceOptions,
): Promise<void> {
  while (!options.signal.aborted) {
    try {
      const receivedAt = options.clock.now();
      const receipt = await options.intake.submit({ ...submission, receivedAt });
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
  // A sleep that is cut short before it began lets nobody else run.
  if (options.signal.aborted) await nextTurn();
}

export function describeFailure(
  error: unknown,
  { secrets }: Pick<RunSourceOptions, 'secrets'>,
): string {
  const words = error instanceof Error ? error.message : String(error);
  return redactSecrets(words, secrets).slice(0, 500);
}
