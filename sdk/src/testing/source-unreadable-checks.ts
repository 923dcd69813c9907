// A vendor's page may hold what no mapping knows. The rest of it counts, the source moves on, and what could
// not be read is handed on for somebody to see: dropped, it would be lost in silence.
import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '../json.ts';
import { isPluginError } from '../plugin-error.ts';
import type { SourceRecord } from '../record.ts';
import { skipCheck, type ContractCheck } from './contract-check.ts';
import { playPull, playStream, type PullPlay, type SourceStage } from './play-source.ts';
import { recordsOf } from './records-of.ts';
import type { Spoiling } from './spoil.ts';
import { requireThat, show, violate } from './violation.ts';

const words = 'hands on what it cannot read';

export function pullUnreadableCheck(stage: SourceStage): ContractCheck {
  return { name: words, run: async () => checkSpoilt(async (spoil) => pull(stage, spoil)) };
}

/** @param example the checkpoint from which an example streams, and how many records come */
export function streamUnreadableCheck(
  stage: SourceStage,
  example: { readonly checkpoint: JsonValue | undefined; readonly records: number },
): ContractCheck {
  const name = `stream: ${words}`;
  if (stage.cases.upstream) {
    return skipCheck(name, 'what it listens to is not the vendor of the cases: nothing to spoil');
  }
  return { name, run: async () => checkSpoilt(async (spoil) => stream(stage, example, spoil)) };
}

type Read = (spoil?: Spoiling) => Promise<PullPlay>;

async function pull(stage: SourceStage, spoil?: Spoiling): Promise<PullPlay> {
  return playPull(stage, undefined, spoil && { spoil });
}

/** What is handed on as something else may be more or less than it was: then it is read until this long. */
const patienceMs = 1_500;

async function stream(
  stage: SourceStage,
  example: { readonly checkpoint: JsonValue | undefined; readonly records: number },
  spoil?: Spoiling,
): Promise<PullPlay> {
  return playStream(stage, { ...example, ...(spoil && { spoil, abortAfterMs: patienceMs }) });
}

async function checkSpoilt(read: Read): Promise<void> {
  const whole = await read();
  for (const [spoil, what] of [
    ['first', 'one item'],
    ['all', 'every item'],
  ] as const) {
    const spoilt = await read(spoil);
    const when = `where ${what} of a page cannot be read`;
    // What a call throws when it is stopped says nothing of what it read.
    const thrown = spoilt.endedAfterAbortMs === undefined ? spoilt.thrown : undefined;
    // It says so, and nothing is passed over.
    if (isPluginError(thrown)) continue;
    if (thrown !== undefined) violate(`${when}, it threw ${show(thrown)}`);
    requireHandedOn(whole, spoilt, when);
  }
}

function requireHandedOn(whole: PullPlay, spoilt: PullPlay, when: string): void {
  const full = whole.pages.filter(({ records }) => records.length > 0);
  const expected = recordsOf(full).map(plain);
  const found = recordsOf(spoilt.pages).map(plain);
  const isFound = (record: unknown): boolean => found.some((one) => isDeepStrictEqual(one, record));
  const last = recordsOf(full.slice(-1)).map(plain);
  requireThat(
    last.every(isFound),
    `${when}, it never came to the next one: let the page say where it ends, not what could be read of it`,
  );
  const isHandedOn = found.some((one) => !expected.some((known) => isDeepStrictEqual(known, one)));
  requireThat(
    isHandedOn || expected.every(isFound),
    `${when}, it was dropped: hand it on as \`unreadableRecord(item)\``,
  );
}

function plain(record: SourceRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}
