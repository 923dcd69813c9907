// Deliveries that nobody tries again by themselves: looked at, replayed, dropped with a reason.
import type { DeadLetterView } from '../../hub-reads.ts';
import type { ApiKeyView } from '../../key-store.ts';
import { defineOperation } from '../operation.ts';
import { ids, instancePath, limit, reason, settledState } from '../parameters.ts';
import { pageOf, ref } from '../schemas.ts';
import { optionalTime, page, time, wordsFor } from '../wire.ts';

const tag = 'Dead letters';
const problems = ['INSTANCE_UNKNOWN'] as const;

const code = { type: 'string', minLength: 1, maxLength: 100 } as const;
const list = { type: 'string', maxLength: 200 } as const;

export const listDeadLetters = defineOperation({
  id: 'listDeadLetters',
  method: 'get',
  route: '/destinations/{instance}/dead-letters',
  tag,
  summary: 'What was refused, oldest first',
  permission: 'states.read',
  path: instancePath,
  query: {
    type: 'object',
    properties: {
      limit,
      after: { type: 'integer', minimum: 0, default: 0, description: '`next` of the page before.' },
      state: settledState,
      code,
      list,
    },
    additionalProperties: false,
  },
  answer: pageOf('DeadLetter'),
  command: {
    name: 'deadletters list',
    places: ['instance'],
    print: {
      as: 'table',
      columns: ['id', 'at', 'stage', 'kind', 'list', 'code', 'state', 'message'],
    },
    examples: [
      'tributary deadletters list mail --state open',
      'tributary deadletters list mail --code VENDOR_400 --all',
    ],
  },
  problems,
  handle: async ({ hub, path, query, key }) => {
    const found = await hub.deadLetters.list({ ...query, instance: path.instance });
    const items = found.map((item) => wireOf(item, key));
    return { body: { items, ...page(found, query.limit, (last) => last.id) } };
  },
});

const selection = {
  ids: { ...ids, description: 'Left out: all open ones that the other members select.' },
  code,
  list,
} as const;

export const replayDeadLetters = defineOperation({
  id: 'replayDeadLetters',
  method: 'post',
  route: '/destinations/{instance}/dead-letters/replay',
  tag,
  summary: 'Try them again, after the cause is mended',
  permission: 'hub.operate',
  path: instancePath,
  body: { type: 'object', properties: selection, additionalProperties: false },
  answer: ref('Done'),
  command: {
    name: 'deadletters replay',
    places: ['instance'],
    print: { as: 'words', words: '{changed} on their way again.' },
    examples: [
      'tributary deadletters replay mail --code VENDOR_400',
      'tributary deadletters replay mail --ids 7,8',
    ],
  },
  problems,
  handle: async ({ hub, path, body, actor }) => ({
    body: {
      changed: await hub.deadLetters.replay({ ...body, instance: path.instance }, actor),
    },
  }),
});

export const dropDeadLetters = defineOperation({
  id: 'dropDeadLetters',
  method: 'post',
  route: '/destinations/{instance}/dead-letters/drop',
  tag,
  summary: 'Give them up, and say why',
  permission: 'hub.operate',
  path: instancePath,
  body: {
    type: 'object',
    required: ['reason'],
    properties: { ...selection, reason },
    additionalProperties: false,
  },
  answer: ref('Done'),
  command: {
    name: 'deadletters drop',
    places: ['instance'],
    print: { as: 'words', words: '{changed} dropped.' },
    examples: ["tributary deadletters drop mail --ids 7 --reason 'a test address'"],
  },
  problems,
  handle: async ({ hub, path, body, actor }) => {
    const { reason: why, ...selected } = body;
    const changed = await hub.deadLetters.drop(
      { ...selected, instance: path.instance },
      why,
      actor,
    );
    return { body: { changed } };
  },
});

function wireOf(letter: DeadLetterView, key: ApiKeyView): object {
  const { id, instance, stage, kind, list: name, code: word, state, settledReason } = letter;
  return {
    id,
    instance,
    stage,
    kind,
    list: name,
    code: word,
    message: wordsFor(key, letter.message),
    at: time(letter.at),
    state,
    settledAt: optionalTime(letter.settledAt),
    settledReason,
  };
}
