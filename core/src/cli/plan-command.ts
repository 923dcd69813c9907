// `tributary plan`: what a changed config would do at a running hub, before it does it.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { isEmpty, type ChangePlan } from '../change/plan.ts';
import { askPlan } from './change-calls.ts';
import { UsageError, type Command, type CommandInput } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { openHub } from './hub/hub-client.ts';
import { hubOptions } from './hub/hub-options.ts';
import { printPlan } from './print-plan.ts';
import type { SafeTerminal } from './terminal.ts';

export const planCommand: Command = {
  name: 'plan',
  group: 'Config',
  summary: 'Says what a changed config would do at a running hub; nothing is changed.',
  positionals: [],
  options: {
    preview: {
      type: 'string',
      value: 'FILE',
      description: "another config in place of the hub's own file, e.g. that of staging",
    },
    tolerance: {
      type: 'string',
      value: 'SHARE',
      description: 'so much more than planned `apply` lets happen, e.g. 0.1; default 0.05',
    },
    'exit-code': { type: 'boolean', description: 'end with 9 where something would change' },
    ...hubOptions,
  },
  details:
    'The hub reads its own config file as it is now and asks the real rules, the real consents and what it\nknows to be at each destination. Save the plan with --json and hand it to `tributary apply --plan`: what\nhas drifted since is refused. Needs a key with role admin.',
  examples: [
    'tributary plan',
    'tributary plan --json > plan.json',
    'tributary plan --preview staging.yaml',
  ],
  async run(input, terminal) {
    const hub = await openHub(input, terminal);
    const request = { ...(await readPreview(input)), ...readTolerance(input) };
    const plan = await askPlan(hub, terminal, request);
    tellPlan(plan, input, terminal);
    return input.flag('exit-code') && !isEmpty(plan) ? exitCodes.changes : exitCodes.ok;
  },
};

export function tellPlan(plan: ChangePlan, input: CommandInput, terminal: SafeTerminal): void {
  if (input.flag('json')) return terminal.out(JSON.stringify(plan, undefined, 2));
  terminal.out(isEmpty(plan) ? nothingChanges : printPlan(plan, terminal.paint));
}

export const nothingChanges = 'Nothing would change: the hub goes by this config.';

async function readPreview(input: CommandInput): Promise<object> {
  const file = input.text('preview');
  if (file === undefined) return {};
  const config = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--preview: found no readable file "${file}".`, { cause: error });
  });
  return { config, name: basename(file) };
}

function readTolerance(input: CommandInput): object {
  const text = input.text('tolerance');
  if (text === undefined) return {};
  const share = text.trim() === '' ? Number.NaN : Number(text);
  if (share >= 0 && share <= 1) return { toleranceShare: share };
  throw new UsageError(`--tolerance: found "${text}", expected a number from 0 to 1.`);
}
