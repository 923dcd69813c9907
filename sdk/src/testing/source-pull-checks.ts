// A source may be killed between any two pages, and its vendor may fail at any request: what the hub
// has not committed must come again.
import type { JsonValue } from '../json.ts';
import { measureJson } from '../measure-json.ts';
import { isPluginError } from '../plugin-error.ts';
import type { SourceRecord } from '../record.ts';
import type { SourcePage } from '../source.ts';
import type { ContractCheck } from './contract-check.ts';
import { describeRecordProblem } from './describe-record.ts';
import type { VendorReaction } from './loopback-vendor.ts';
import { requireNoStrangers } from './only-to.ts';
import { playPull, type PullPlay, type SourceStage } from './play-source.ts';
import { recordsOf } from './records-of.ts';
import { requireSame } from './source-http-checks.ts';
import type { SourceExample } from './source-cases.ts';
import { pullUnreadableCheck } from './source-unreadable-checks.ts';
import { requireThat, show, violate } from './violation.ts';

type PullExample = Extract<SourceExample, { readonly in: { readonly pull: unknown } }>;

export function sourcePullChecks(stage: SourceStage): ContractCheck[] {
  if (!stage.plugin.pull) return [];
  const examples = stage.cases.examples.filter(
    (example): example is PullExample => 'pull' in example.in,
  );
  return [
    ...examples.map((example) => ({
      name: `example: ${example.title}`,
      run: async (): Promise<void> => checkExample(stage, example),
    })),
    { name: 'loses nothing when it is stopped between pages', run: async () => checkKill(stage) },
    { name: 'loses nothing when its vendor fails', run: async () => checkFailures(stage) },
    pullUnreadableCheck(stage),
    { name: 'ends, and begins again where it ended', run: async () => checkEnd(stage) },
    { name: 'keeps checkpoints and pages small', run: async () => checkCheckpoints(stage) },
    { name: 'waits as long as it is asked to', run: async () => checkWait(stage) },
    { name: 'pauses when its credentials are refused', run: async () => checkAuth(stage) },
    { name: 'stops when it is told to', run: async () => checkAbort(stage) },
  ];
}

async function checkExample(stage: SourceStage, { in: input, out }: PullExample): Promise<void> {
  const { pages } = await healthy(stage, input.pull.checkpoint);
  const records = recordsOf(pages);
  for (const record of records) {
    const problem = describeRecordProblem(record);
    if (problem) violate(`the hub cannot take ${show(record)}: ${problem}`);
  }
  requireSame(records, out.records);
}

async function healthy(stage: SourceStage, checkpoint?: JsonValue): Promise<PullPlay> {
  const play = await playPull(stage, checkpoint);
  requireNoStrangers(play.strangers);
  if (play.thrown !== undefined) violate(`it threw ${show(play.thrown)}`);
  return play;
}

async function wholePull(stage: SourceStage): Promise<PullPlay> {
  const play = await healthy(stage);
  const full = play.pages.filter(({ records }) => records.length > 0);
  requireThat(full.length >= 2, 'let the vendor of the cases have two pages of records at least');
  return play;
}

/** Where the hub would begin again: after the last page with a checkpoint, read back from its store. */
export function committedCheckpoint(pages: readonly SourcePage[]): JsonValue | undefined {
  const last = pages.findLast(({ checkpoint }) => checkpoint !== undefined)?.checkpoint;
  return last === undefined ? undefined : (JSON.parse(JSON.stringify(last)) as JsonValue);
}

export function requireAll(
  whole: readonly SourceRecord[],
  found: readonly SourceRecord[],
  when: string,
): void {
  const nameOf = (record: SourceRecord): string => record.messageId ?? JSON.stringify(record);
  const names = new Set(found.map(nameOf));
  const lost = whole.filter((record) => !names.has(nameOf(record)));
  requireThat(
    lost.length === 0,
    () =>
      `${when}, ${lost.length} of ${whole.length} records are lost, e.g. ${show(lost[0])}: a checkpoint may never be ahead of its records`,
  );
}

/** More would only take time. */
const mostPlaces = 12;

async function checkKill(stage: SourceStage): Promise<void> {
  const whole = await wholePull(stage);
  for (let kept = 0; kept < Math.min(whole.pages.length, mostPlaces); kept += 1) {
    const committed = whole.pages.slice(0, kept);
    const resumed = await healthy(stage, committedCheckpoint(committed));
    const found = recordsOf([...committed, ...resumed.pages]);
    requireAll(recordsOf(whole.pages), found, `stopped after page ${kept} and begun again`);
  }
}

const failures: readonly (readonly [string, VendorReaction])[] = [
  ['answered 500', { status: 500, body: 'trouble' }],
  ['broke the connection', 'reset'],
  ['cut its answer', 'cut'],
  ['answered 200 with a page of its proxy', { body: '<html>hello</html>' }],
  ['answered 200 with an empty object', { json: {} }],
];

async function checkFailures(stage: SourceStage): Promise<void> {
  const whole = await wholePull(stage);
  for (let from = 0; from < Math.min(whole.requests.length, mostPlaces); from += 1) {
    for (const [what, reaction] of failures) {
      const broken = await playPull(stage, undefined, { trouble: { from, react: () => reaction } });
      const when = `when the vendor ${what} at request ${from + 1}`;
      const isSilent = broken.thrown === undefined && from === 0 && broken.pages.length === 0;
      requireThat(!isSilent, `${when}, the pull ended as if there were nothing to read`);
      const resumed = await healthy(stage, committedCheckpoint(broken.pages));
      requireAll(recordsOf(whole.pages), recordsOf([...broken.pages, ...resumed.pages]), when);
    }
  }
}

async function checkEnd(stage: SourceStage): Promise<void> {
  const whole = await wholePull(stage);
  const again = await healthy(stage, committedCheckpoint(whole.pages));
  requireThat(
    recordsOf(again.pages).length < recordsOf(whole.pages).length,
    'begun again at its own end it reads everything anew: its checkpoints lead nowhere',
  );
}

const mostCheckpointBytes = 64 * 1024;
const mostRecordsOfPage = 10_000;

async function checkCheckpoints(stage: SourceStage): Promise<void> {
  const { pages } = await wholePull(stage);
  requireSmall(pages);
}

export function requireSmall(pages: readonly SourcePage[]): void {
  for (const { checkpoint, records } of pages) {
    requireThat(
      records.length <= mostRecordsOfPage,
      `a page holds ${records.length} records, at most ${mostRecordsOfPage} may`,
    );
    if (checkpoint === undefined) continue;
    const measure = measureJson(checkpoint, { maxDepth: 32, maxBytes: mostCheckpointBytes });
    if (!measure.ok) violate(`a checkpoint is ${measure.reason}: ${show(checkpoint)}`);
  }
}

const waitMs = 120_000;

async function checkWait(stage: SourceStage): Promise<void> {
  const { rateLimited } = stage.cases.vendor ?? {};
  const answers: ((now: number) => VendorReaction)[] = rateLimited
    ? [(now) => rateLimited(waitMs, now)]
    : [String(waitMs / 1_000), undefined].map((seconds) => (now) => ({
        status: 429,
        headers: { 'retry-after': seconds ?? new Date(now + waitMs).toUTCString() },
      }));
  for (const react of answers) {
    const { thrown } = await playPull(stage, undefined, { trouble: { from: 0, react } });
    const error = isPluginError(thrown)
      ? thrown
      : violate(`asked to wait, it threw ${show(thrown)}`);
    const isRight =
      error.kind === 'rate_limited' && Math.abs((error.retryAfterMs ?? 0) - waitMs) <= 2_000;
    requireThat(
      isRight,
      `asked to wait ${waitMs} ms, it threw ${error.kind} with a wait of ${show(error.retryAfterMs)}`,
    );
  }
}

async function checkAuth(stage: SourceStage): Promise<void> {
  const refusal = stage.cases.vendor?.unauthorised?.() ?? { status: 401 };
  const trouble = { from: 0, react: (): VendorReaction => refusal };
  const { thrown } = await playPull(stage, undefined, { trouble });
  requireThat(
    isPluginError(thrown) && thrown.kind === 'auth',
    `its credentials refused, it threw ${show(thrown)}, not an error of kind \`auth\``,
  );
}

const mostAfterAbortMs = 1_000;

async function checkAbort(stage: SourceStage): Promise<void> {
  const trouble = { from: 0, react: (): VendorReaction => 'hang' };
  const options = { trouble, timeoutMs: 60_000, abortAfterMs: 150 };
  const { endedAfterAbortMs } = await playPull(stage, undefined, options);
  if (endedAfterAbortMs === undefined) return;
  requireThat(
    endedAfterAbortMs <= mostAfterAbortMs,
    `it ended ${Math.round(endedAfterAbortMs)} ms after the signal aborted: hand the context's signal to what it waits for`,
  );
}
