// A stream runs until it is stopped, at any moment, and its reader may be slower than what it reads.
import type { JsonValue } from '../json.ts';
import type { SourceRecord } from '../record.ts';
import type { ContractCheck } from './contract-check.ts';
import { describeRecordProblem } from './describe-record.ts';
import { requireNoStrangers } from './only-to.ts';
import { playStream, type SourceStage, type StreamPlay } from './play-source.ts';
import type { SourceExample } from './source-cases.ts';
import { requireSame } from './source-http-checks.ts';
import { recordsOf } from './records-of.ts';
import { committedCheckpoint, requireAll, requireSmall } from './source-pull-checks.ts';
import { streamUnreadableCheck } from './source-unreadable-checks.ts';
import { holdsSecret } from './test-log.ts';
import { requireThat, show, violate } from './violation.ts';

type StreamExample = Extract<SourceExample, { readonly in: { readonly stream: unknown } }>;

export function sourceStreamChecks(stage: SourceStage): ContractCheck[] {
  if (!stage.plugin.stream) return [];
  const examples = stage.cases.examples.filter(
    (example): example is StreamExample => 'stream' in example.in,
  );
  const [first] = examples;
  // That there is none is said by the check of the examples.
  if (!first) return [];
  return [
    ...examples.map((example) => ({
      name: `example: ${example.title}`,
      run: async (): Promise<void> => checkExample(stage, example),
    })),
    { name: 'stream: waits for the hub', run: async () => checkHeld(stage, first) },
    { name: 'stream: stops when it is told to', run: async () => checkStop(stage, first) },
    {
      name: 'stream: loses nothing when it is stopped between pages',
      run: async () => checkResume(stage, first),
    },
    streamUnreadableCheck(stage, {
      checkpoint: first.in.stream.checkpoint,
      records: first.out.records.length,
    }),
    {
      name: 'stream: keeps checkpoints and pages small',
      run: async () => requireSmall((await read(stage, first)).pages),
    },
    { name: 'stream: shows no secret', run: async () => checkSecrets(stage, first) },
  ];
}

async function read(
  stage: SourceStage,
  { in: input, out }: StreamExample,
  options: { readonly holdMs?: number } = {},
): Promise<StreamPlay> {
  return readFrom(stage, input.stream.checkpoint, out.records.length, options);
}

async function readFrom(
  stage: SourceStage,
  checkpoint: JsonValue | undefined,
  records: number,
  options: { readonly holdMs?: number } = {},
): Promise<StreamPlay> {
  const play = await playStream(stage, { checkpoint, records, ...options });
  requireNoStrangers(play.strangers);
  const found = recordsOf(play.pages).length;
  if (found < records) {
    const why = play.thrown === undefined ? 'it ended' : `it threw ${show(play.thrown)}`;
    violate(`after ${found} of ${records} records ${why}`);
  }
  return play;
}

async function checkExample(stage: SourceStage, example: StreamExample): Promise<void> {
  const { pages } = await read(stage, example);
  const records = recordsOf(pages);
  for (const record of records) {
    const problem = describeRecordProblem(record);
    if (problem) violate(`the hub cannot take ${show(record)}: ${problem}`);
  }
  // The last page may hold more than the example tells of.
  requireSame(records.slice(0, example.out.records.length), example.out.records);
}

const holdMs = 400;
/** What was asked for before the page was handed over may still be under way. */
const mostWhileHeld = 2;

async function checkHeld(stage: SourceStage, example: StreamExample): Promise<void> {
  const { whileHeld } = await read(stage, example, { holdMs });
  requireThat(
    whileHeld <= mostWhileHeld,
    `while the hub held its first page for ${holdMs} ms it made ${whileHeld} requests more: read on when the page was taken, else all that waits is in memory`,
  );
}

const mostAfterAbortMs = 3_000;

async function checkStop(stage: SourceStage, example: StreamExample): Promise<void> {
  const { length } = example.out.records;
  for (const records of new Set([0, Math.min(1, length), length])) {
    const { endedAfterAbortMs = 0 } = await readFrom(stage, example.in.stream.checkpoint, records);
    requireThat(
      endedAfterAbortMs <= mostAfterAbortMs,
      `stopped after ${records} records, it ended ${Math.round(endedAfterAbortMs)} ms later: end the loop when the call's signal aborts`,
    );
  }
}

async function checkResume(stage: SourceStage, example: StreamExample): Promise<void> {
  const { pages } = await read(stage, example);
  if (pages.every(({ checkpoint }) => checkpoint === undefined)) return;
  const whole: SourceRecord[] = recordsOf(pages);
  for (let kept = 0; kept < pages.length; kept += 1) {
    const committed = pages.slice(0, kept);
    const checkpoint = committedCheckpoint(committed) ?? example.in.stream.checkpoint;
    const missing = whole.length - recordsOf(committed).length;
    const resumed = await readFrom(stage, checkpoint, missing);
    const found = recordsOf([...committed, ...resumed.pages]);
    requireAll(whole, found, `stopped after page ${kept} and begun again`);
  }
}

async function checkSecrets(stage: SourceStage, example: StreamExample): Promise<void> {
  const { log, secrets, pages, thrown } = await read(stage, example);
  requireThat(!holdsSecret(log, secrets), 'a stream logged a secret');
  requireThat(!holdsSecret([pages, thrown], secrets), 'a stream gave a secret away');
}
