// What plan and apply ask of a running hub.
import { isJsonObject } from '@tributary/sdk';
import { isChangePlan, type ChangePlan } from '../change/plan.ts';
import { applyChange, planChange, readChange } from '../http/operations-table.ts';
import { exitCodes } from './exit-codes.ts';
import { followJob } from './hub/follow-job.ts';
import type { HubClient } from './hub/hub-client.ts';
import { HubFailure } from './hub/hub-failure.ts';
import type { SafeTerminal } from './terminal.ts';

const nothing = { path: {}, query: {}, body: {} } as const;

export async function askPlan(
  hub: HubClient,
  terminal: SafeTerminal,
  body: object = {},
): Promise<ChangePlan> {
  const job = await hub.call(planChange, { ...nothing, body: { ...body } });
  const answer = await followJob(planChange, job, hub, terminal);
  if (isChangePlan(answer)) return answer;
  throw new HubFailure(
    exitCodes.failed,
    'HUB_ANSWER_UNKNOWN: planChange: found no plan in the answer, expected one. Is the hub of another version?',
  );
}

export interface Applied {
  readonly answer: unknown;
  readonly peopleAnew: boolean;
}

export async function askApply(
  hub: HubClient,
  terminal: SafeTerminal,
  plan: ChangePlan,
): Promise<Applied> {
  const job = await hub.call(applyChange, { ...nothing, body: { plan } });
  const answer = await followJob(applyChange, job, hub, terminal);
  return { answer, peopleAnew: isJsonObject(answer) && answer['peopleAnew'] === true };
}

/** Events so far and in all; undefined: the hub is done. */
export async function askProgress(
  hub: HubClient,
): Promise<{ readonly done: number; readonly all: number } | undefined> {
  const answer = await hub.call(readChange, nothing);
  const progress: unknown = isJsonObject(answer) ? answer['peopleAnew'] : undefined;
  if (!isJsonObject(progress)) return undefined;
  return { done: Number(progress['done']), all: Number(progress['all']) };
}
