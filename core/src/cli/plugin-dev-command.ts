// `tributary plugin dev`: one plugin against a recording sandbox, again on each save. Each round is a
// process of its own, so that what is imported is what was saved.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { once } from 'node:events';
import { UsageError, type Command, type CommandInput } from './command.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { isDestinationCases, isSourceCases, noCases } from './plugin/checks-of.ts';
import { withPeople } from './plugin/made-up-people.ts';
import { loadPackage } from './plugin/package-on-disk.ts';
import { rehearseDestination, rehearseSource, type Rehearsal } from './plugin/rehearse.ts';
import { serveSandbox } from './plugin/serve-sandbox.ts';
import { listenForStop } from './stop-signals.ts';
import type { SafeTerminal } from './terminal.ts';

export const pluginDevCommand: Command = {
  name: 'plugin dev',
  summary: 'Plays a plugin against a recording sandbox, again on each save.',
  positionals: ['PLUGIN'],
  options: {
    once: { type: 'boolean', description: 'one round, then end: 0 where all went well, else 1' },
    serve: {
      type: 'string',
      value: 'PORT',
      description: 'a destination: be its vendor on this port, for a hub that runs; 0: a free one',
    },
    refuse: {
      type: 'string',
      value: 'KEY',
      description: 'with --serve: refuse this one person, as the vendor would',
    },
    people: {
      type: 'string',
      value: 'N',
      description: 'a destination: made-up people in place of those of the examples',
    },
  },
  details:
    'PLUGIN is a folder. The sandbox answers as the vendor of its `cases` does. Of a destination every request\nand every outcome is shown, of a source every record with what is wrong with it; secrets are masked.',
  examples: [
    'tributary plugin dev .',
    'tributary plugin dev . --once --people 1000',
    'tributary plugin dev . --serve 8091 --refuse ada@example.com',
  ],
  async run(input, terminal) {
    const [target = '.'] = input.positionals;
    const people = readPeople(input);
    const served = input.text('serve');
    if (served !== undefined)
      return serve(target, readPort(served), input.text('refuse'), terminal);
    if (input.flag('once')) return playOnce(target, people, terminal);
    return playOnSave(target, people, terminal);
  },
};

function readPeople(input: CommandInput): number | undefined {
  const text = input.text('people');
  if (text === undefined) return undefined;
  const people = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (people > 0 && people <= 100_000) return people;
  throw new UsageError(`--people: found "${text}", expected a number from 1 to 100000.`);
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`--serve: found "${text}", expected a port from 0 to 65535.`);
}

async function serve(
  target: string,
  port: number,
  refuse: string | undefined,
  terminal: SafeTerminal,
): Promise<ExitCode> {
  const found = await loadPackage(target);
  const { plugin, cases, folder } = found;
  if (plugin.kind !== 'destination') {
    throw new UsageError(
      '--serve: found a source, expected a destination: a source has nobody to answer.',
    );
  }
  if (!isDestinationCases(cases)) return noCases(folder);
  const sandbox = await serveSandbox(found, cases, { port, refuse, tell: terminal.out });
  const stop = listenForStop((code) => process.exit(code));
  terminal.out(`The sandbox of ${plugin.title} listens on ${sandbox.url}; Ctrl+C ends.`);
  await stop.asked;
  stop.release();
  await sandbox.close();
  return exitCodes.ok;
}

async function playOnce(
  target: string,
  people: number | undefined,
  terminal: SafeTerminal,
): Promise<ExitCode> {
  const rehearsals = await rehearseAll(target, people);
  for (const { title, lines } of rehearsals) {
    terminal.out(`${title}\n${lines.map((line) => `  ${line}`).join('\n')}\n`);
  }
  const troubled = rehearsals.filter((rehearsal) => rehearsal.troubled).length;
  const words = troubled === 0 ? 'all as it should be' : `${troubled} with trouble`;
  terminal.out(`${rehearsals.length} played, ${words}.`);
  return troubled === 0 ? exitCodes.ok : exitCodes.failed;
}

async function rehearseAll(target: string, people: number | undefined): Promise<Rehearsal[]> {
  const { plugin, cases, folder } = await loadPackage(target);
  const rehearsals: Rehearsal[] = [];
  if (plugin.kind === 'source') {
    if (!isSourceCases(cases)) return noCases(folder);
    for (const example of cases.examples) {
      rehearsals.push(await rehearseSource(plugin, cases, example));
    }
    return rehearsals;
  }
  if (!isDestinationCases(cases)) return noCases(folder);
  for (const { title, in: input } of cases.examples) {
    const made = people === undefined ? undefined : withPeople(plugin, cases, input, people);
    rehearsals.push(await rehearseDestination(plugin, cases, title, made ?? input));
  }
  return rehearsals;
}

/** Editors write a file in several steps. */
const settleMs = 150;

async function playOnSave(
  target: string,
  people: number | undefined,
  terminal: SafeTerminal,
): Promise<ExitCode> {
  const { folder } = await loadPackage(target);
  const stop = listenForStop((code) => process.exit(code));
  const more = people === undefined ? [] : ['--people', String(people)];
  const words = ['plugin', 'dev', target, '--once', ...more];
  let rounds = Promise.resolve();
  const play = (): void => {
    rounds = rounds.then(async () => {
      terminal.out(`\n${new Date(terminal.now()).toISOString().slice(11, 19)} ${target}\n`);
      await runChild([...process.execArgv, process.argv[1] ?? '', ...words]);
      terminal.out('Waiting for the next save; Ctrl+C ends.');
    });
  };
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(folder, { recursive: true }, (_, file) => {
    if (file === null || !isOfInterest(file)) return;
    clearTimeout(timer);
    timer = setTimeout(play, settleMs);
  });
  play();
  await stop.asked;
  clearTimeout(timer);
  watcher.close();
  stop.release();
  await rounds;
  return exitCodes.ok;
}

function isOfInterest(file: string): boolean {
  return !/(^|[\\/])(node_modules|dist|\.git)([\\/]|$)/.test(file);
}

async function runChild(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  await once(child, 'exit');
}
