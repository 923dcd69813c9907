// Plays one plugin against a vendor that records: what it asked, what came of it, in words for whoever
// writes it. Secrets are masked.
import { redactSecrets, type DestinationPlugin, type SourceRecord } from '@tributary/sdk';
import {
  createSettingsValidator,
  describeRecordProblem,
  playDestination,
  playPull,
  playRequest,
  playStream,
  type DestinationCases,
  type DestinationInput,
  type SourceCases,
  type VendorRequest,
} from '@tributary/sdk/testing';
import type { SourcePlugin } from '@tributary/sdk';

export interface Rehearsal {
  readonly title: string;
  readonly lines: readonly string[];
  /** Something that a hub would not take for a success. */
  readonly troubled: boolean;
}

const longestText = 1_000;

export async function rehearseDestination(
  plugin: DestinationPlugin,
  cases: DestinationCases,
  title: string,
  input: DestinationInput,
): Promise<Rehearsal> {
  const stage = { plugin, cases, validate: createSettingsValidator(plugin.settings) };
  const play = await playDestination(stage, { input });
  const outcomes = [...play.verdicts].map(([handle, { kind, reason }]) => {
    const delivery = input.deliveries.find((one) => one.handle === handle);
    const why = reason === undefined ? '' : `: ${reason}`;
    return `${kind === 'delivered' ? '✓' : '✗'} ${delivery?.key ?? handle}  ${kind}${why}`;
  });
  const lines = [
    ...play.requests.flatMap(requestLines),
    ...(play.thrown === undefined ? [] : [`✗ it threw ${textOf(play.thrown)}`]),
    ...outcomes,
    ...play.log.map(({ level, message }) => `log ${level}: ${message}`),
  ];
  return {
    title: `${input.call}: ${title}`,
    lines: lines.map((line) => redactSecrets(line, play.secrets)),
    troubled: [...play.verdicts.values()].some(({ kind }) => kind !== 'delivered'),
  };
}

export async function rehearseSource(
  plugin: SourcePlugin,
  cases: SourceCases,
  example: SourceCases['examples'][number],
): Promise<Rehearsal> {
  const stage = { plugin, cases, validate: createSettingsValidator(plugin.settings) };
  const { title, in: input, out } = example;
  if ('request' in input) {
    const { result, secrets } = await playRequest(stage, input.request);
    if ('error' in result)
      return told(`request: ${title}`, [`✗ it threw ${textOf(result.error)}`], secrets);
    const answer = result.value;
    if (!('records' in answer)) {
      const words = 'unreadable' in answer ? ` (${answer.unreadable.message})` : '';
      return told(`request: ${title}`, [`✗ answered ${answer.answer.status}${words}`], secrets);
    }
    return told(`request: ${title}`, answer.records.map(recordLine), secrets);
  }
  const { checkpoint } = 'pull' in input ? input.pull : input.stream;
  const records = out.records.length;
  const play =
    'pull' in input
      ? await playPull(stage, checkpoint)
      : await playStream(stage, { checkpoint, records });
  const pages = play.pages.flatMap((page) => [
    ...page.records.map(recordLine),
    `  checkpoint ${JSON.stringify(page.checkpoint) ?? 'as before'}`,
  ]);
  const thrown =
    play.thrown === undefined || 'stream' in input ? [] : [`✗ it threw ${textOf(play.thrown)}`];
  const lines = [...play.requests.flatMap(requestLines), ...pages, ...thrown];
  return told(`${'pull' in input ? 'pull' : 'stream'}: ${title}`, lines, play.secrets);
}

function told(title: string, lines: readonly string[], secrets: readonly string[]): Rehearsal {
  const safe = lines.map((line) => redactSecrets(line, secrets));
  return { title, lines: safe, troubled: safe.some((line) => line.startsWith('✗')) };
}

function requestLines({ method, path, text }: VendorRequest): string[] {
  return [`→ ${method} ${path}`, ...(text === '' ? [] : [`  ${shorten(text)}`])];
}

function recordLine(record: SourceRecord): string {
  const problem = describeRecordProblem(record);
  const sign = problem === undefined ? '✓' : '✗';
  return `${sign} ${shorten(JSON.stringify(record))}${problem === undefined ? '' : `  ${problem}`}`;
}

function shorten(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
