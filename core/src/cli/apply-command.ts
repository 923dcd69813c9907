// `tributary apply`: a running hub takes up its config file as it is now, once somebody has seen what that
// does.
import { readFile } from 'node:fs/promises';
import { isChangePlan, isEmpty, type ChangePlan } from '../change/plan.ts';
import { askApply, askPlan, askProgress } from './change-calls.ts';
import { UsageError, type Command, type CommandInput } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { openHub, type HubClient } from './hub/hub-client.ts';
import { memberAt } from './hub/table.ts';
import { hubOptions } from './hub/hub-options.ts';
import { nothingChanges } from './plan-command.ts';
import { printPlan } from './print-plan.ts';
import type { SafeTerminal } from './terminal.ts';

export const applyCommand: Command = {
  name: 'apply',
  group: 'Config',
  summary: 'Lets a running hub take up its config file as it is now, without a restart.',
  positionals: [],
  options: {
    plan: {
      type: 'string',
      value: 'FILE',
      description: 'a plan that `tributary plan --json` made; refused where it has drifted',
    },
    yes: { type: 'boolean', description: 'do not ask' },
    ...hubOptions,
  },
  details:
    'Without a plan one is made and shown, and the question is asked. Where nothing has changed, what did not\nopen, or was stopped, is tried again. What is invalid, does not open or needs\na restart is refused, and the hub runs on as it was. So is a plan that has drifted: the config that runs\nor the file is another one, or more would happen than it says. Needs a key with role admin.',
  examples: ['tributary apply', 'tributary apply --yes', 'tributary apply --plan plan.json'],
  async run(input, terminal) {
    const hub = await openHub(input, terminal);
    const given = input.text('plan');
    const plan = given === undefined ? await askPlan(hub, terminal) : await readPlan(given);
    const changes = !isEmpty(plan);
    if (given === undefined && changes && !(await isWanted(plan, input, terminal))) {
      return exitCodes.failed;
    }
    // An unchanged file is taken up too: what did not open, or was stopped, is tried again.
    const { answer, peopleAnew } = await askApply(hub, terminal, plan);
    if (peopleAnew) await waitForPeople(hub, terminal);
    if (input.flag('json')) terminal.out(JSON.stringify(answer, undefined, 2));
    else terminal.out(changes ? 'Applied.' : wordsOf(answer));
    return exitCodes.ok;
  },
};

function wordsOf(answer: unknown): string {
  return memberAt(answer, 'changed') === true
    ? 'The config is as it was; what did not run was tried again.'
    : nothingChanges;
}

async function isWanted(
  plan: ChangePlan,
  input: CommandInput,
  terminal: SafeTerminal,
): Promise<boolean> {
  terminal.err(`${printPlan(plan, terminal.paint)}\n`);
  if (plan.restart.length > 0) return false;
  if (input.flag('yes')) return true;
  const [answer] = await terminal.lines(['Apply it? (yes/no) ']);
  if (answer !== undefined && /^y(es)?$/i.test(answer)) return true;
  terminal.err(
    answer === undefined
      ? 'Nobody answered, so nothing was changed. Use --yes, or --plan FILE with a plan that somebody has seen.'
      : 'Nothing was changed.',
  );
  return false;
}

async function readPlan(file: string): Promise<ChangePlan> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--plan: found no readable file "${file}".`, { cause: error });
  });
  const plan = parse(text);
  if (isChangePlan(plan)) return plan;
  throw new UsageError(
    `--plan: found no plan in ${file}, expected what \`tributary plan --json\` printed.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const askEveryMs = 500;

async function waitForPeople(hub: HubClient, terminal: SafeTerminal): Promise<void> {
  terminal.err('Applied. People are being made anew from the log; deliveries wait until they are.');
  for (;;) {
    const progress = await askProgress(hub);
    if (progress === undefined) return terminal.draw?.('');
    const { done, all } = progress;
    const share = all === 0 ? 100 : Math.floor((done / all) * 100);
    terminal.draw?.(`${bar(share)} ${share} %  ${done} of ${all} events`);
    await terminal.sleep(askEveryMs);
  }
}

function bar(share: number): string {
  const full = Math.round(share / 5);
  return `[${'#'.repeat(full)}${' '.repeat(20 - full)}]`;
}
