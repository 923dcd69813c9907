// The config of a running hub: what a changed one would do, and taking it up.
import type { JsonValue } from '@tributary/sdk';
import { isChangePlan } from '../../../change/plan.ts';
import { isChangeRefused } from '../../../change/refused.ts';
import { isConfigError, problemLine, type ConfigProblem } from '../../../config/problem.ts';
import { defineOperation } from '../operation.ts';
import { ApiProblem } from '../problem.ts';
import { ref } from '../schemas.ts';

const tag = 'Config';
const problems = ['CONFIG_INVALID', 'CHANGE_REFUSED', 'PLAN_DRIFTED'] as const;

export const planChange = defineOperation({
  id: 'planChange',
  method: 'post',
  route: '/plan',
  tag,
  summary: 'What a changed config would do; nothing is changed',
  description:
    "Given nothing, the hub reads its own config file as it is now. Numbers come from the real rules, the real consents and the destination's ledger; everybody is looked at, in slices, so it takes its time.",
  permission: 'config.change',
  body: {
    type: 'object',
    properties: {
      config: {
        type: 'string',
        description:
          "The text of another config, in place of the hub's own file: a preview. References and plugins are looked for where the hub's own are.",
      },
      name: { type: 'string', maxLength: 200, description: 'What problems call that text.' },
      toleranceShare: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.05,
        description: 'So much more than planned may happen before the plan counts as drifted.',
      },
      tolerancePeople: {
        type: 'integer',
        minimum: 0,
        maximum: 1_000_000,
        default: 10,
        description: 'The same in people; the larger of the two counts.',
      },
    },
    additionalProperties: false,
  },
  long: true,
  answer: ref('ChangePlan'),
  command: { none: '`tributary plan` reads and prints it for people.' },
  problems: ['CONFIG_INVALID'],
  handle: async ({ hub, body }) => {
    const { config, name, toleranceShare: share, tolerancePeople: people } = body;
    const request = { text: config, name, tolerance: { share, people } };
    return { body: await orProblem(hub.changes.plan(request)) };
  },
});

export const applyChange = defineOperation({
  id: 'applyChange',
  method: 'post',
  route: '/apply',
  tag,
  summary: "Take up the hub's own config file as it is now, without a restart",
  description:
    'An invalid config is refused with all its problems, and the hub runs on as it was. With a plan, also what would do more than that plan says.',
  permission: 'config.change',
  body: {
    type: 'object',
    properties: { plan: { type: 'object', description: 'As `planChange` answered it.' } },
    additionalProperties: false,
  },
  long: true,
  answer: ref('Change'),
  command: { none: '`tributary apply` plans, asks and tells of the progress.' },
  problems,
  handle: async ({ hub, body, actor }) => {
    const plan: unknown = body.plan;
    if (plan !== undefined && !isChangePlan(plan)) {
      const detail = 'Found a plan in another form than `planChange` answers, expected one.';
      throw new ApiProblem('REQUEST_INVALID', { detail });
    }
    return { body: await orProblem(hub.changes.apply(plan, actor)) };
  },
});

export const readChange = defineOperation({
  id: 'readChange',
  method: 'get',
  route: '/change',
  tag,
  summary: 'Which config the hub goes by, and how far it is with taking it up',
  permission: 'states.read',
  answer: ref('ChangeState'),
  command: { none: '`tributary apply` tells of it.' },
  problems: [],
  handle: ({ hub }) => ({ body: hub.changes.state() }),
});

export const rebuildPeople = defineOperation({
  id: 'rebuildPeople',
  method: 'post',
  route: '/rebuild',
  tag: 'Hub',
  summary: 'Make profiles, consents and audiences again from the log',
  description:
    'As a changed rule does: records are taken in meanwhile, deliveries wait. What was sent stays known, and nothing is sent because of it.',
  permission: 'config.change',
  long: true,
  answer: ref('Rebuilt'),
  command: {
    name: 'rebuild',
    print: { as: 'words', words: 'Rebuilt from {events} events.' },
    examples: ['tributary rebuild'],
  },
  problems: ['CHANGE_REFUSED'],
  handle: async ({ hub, actor, progress }) => ({
    body: { events: await orProblem(hub.changes.rebuild(actor, progress)) },
  }),
});

async function orProblem<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (isConfigError(error)) throw invalidConfig(error.problems);
    if (!isChangeRefused(error)) throw error;
    const { code, reasons } = error;
    const members = { reason: code, reasons: [...reasons] };
    const kind = code === 'PLAN_DRIFTED' ? code : 'CHANGE_REFUSED';
    throw new ApiProblem(kind, { detail: reasons.join(' '), members });
  }
}

/** The same words as `tributary check` prints. */
function invalidConfig(found: readonly ConfigProblem[]): ApiProblem {
  const list: JsonValue = found.map((problem) => ({
    ...problem,
    ...(problem.excerpt && { excerpt: { ...problem.excerpt } }),
  }));
  return new ApiProblem('CONFIG_INVALID', {
    detail: found.map(problemLine).join('\n'),
    members: { problems: list },
  });
}
