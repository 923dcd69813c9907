// Deliveries that nobody tries again by themselves: looked at, replayed, dropped with a reason.
import type { Hub } from '../../hub-reads.ts';
import { deadLetterKinds, deadLetterStages, type DeadLetterView } from '../../operator-reads.ts';
import type { ApiKeyView } from '../../key-store.ts';
import { may } from '../../roles.ts';
import { defineOperation } from '../operation.ts';
import {
  after,
  ids,
  instancePath,
  limit,
  numberPath,
  reason,
  settledState,
  span,
} from '../parameters.ts';
import { pageOf, ref } from '../schemas.ts';
import { checkNumbers, unknownNumber } from '../unknown.ts';
import { optionalTime, page, spanOf, time, wordsFor } from '../wire.ts';
import { checkDestination } from './find-destination.ts';

const tag = 'Dead letters';
const problems = ['INSTANCE_UNKNOWN', 'DESTINATION_STOPPED'] as const;

const filter = {
  stage: { enum: deadLetterStages, description: 'Where it failed.' },
  kind: { enum: deadLetterKinds },
  code: { type: 'string', minLength: 1, maxLength: 100, description: 'E.g. `VENDOR_400`.' },
  list: { type: 'string', maxLength: 200, description: "The vendor's list, or the action." },
  ...span,
} as const;

const columns = ['id', 'at', 'instance', 'stage', 'kind', 'list', 'code', 'state', 'message'];

export const listDeadLetters = defineOperation({
  id: 'listDeadLetters',
  method: 'get',
  route: '/dead-letters',
  tag,
  summary: 'What was refused, of all destinations, oldest first',
  permission: 'states.read',
  query: {
    type: 'object',
    properties: {
      instance: { ...instancePath.properties.instance, description: 'Only of this destination.' },
      state: settledState,
      ...filter,
      limit,
      after,
    },
    additionalProperties: false,
  },
  answer: pageOf('DeadLetter'),
  command: {
    name: 'deadletters list',
    print: { as: 'table', columns },
    examples: [
      'tributary deadletters list --state open',
      'tributary deadletters list --instance mail --code VENDOR_400 --since 2026-05-01T00:00:00Z --all',
    ],
  },
  problems: [],
  handle: async ({ hub, query, key }) => {
    const { instance, after: place, limit: most, since, until, ...wanted } = query;
    const asked = { ...wanted, ...spanOf({ since, until }) };
    const found = await hub.deadLetters.list(instance, asked, { after: place, limit: most });
    const items = found.map((item) => wireOf(item, key));
    return { body: { items, ...page(found, most, (last) => last.id) } };
  },
});

export const listDeadLettersOf = defineOperation({
  id: 'listDeadLettersOf',
  method: 'get',
  route: '/destinations/{instance}/dead-letters',
  tag,
  summary: 'What one destination refused, oldest first',
  permission: 'states.read',
  path: instancePath,
  query: {
    type: 'object',
    properties: { limit, after, state: settledState, ...filter },
    additionalProperties: false,
  },
  answer: pageOf('DeadLetter'),
  command: { none: '`deadletters list --instance` asks the same.' },
  problems,
  handle: async ({ hub, path, query, key }) => {
    await checkDestination(hub, path.instance);
    const { after: place, limit: most, since, until, ...wanted } = query;
    const asked = { ...wanted, ...spanOf({ since, until }) };
    const found = await hub.deadLetters.list(path.instance, asked, { after: place, limit: most });
    const items = found.map((item) => wireOf(item, key));
    return { body: { items, ...page(found, most, (last) => last.id) } };
  },
});

export const readDeadLetter = defineOperation({
  id: 'readDeadLetter',
  method: 'get',
  route: '/dead-letters/{id}',
  tag,
  summary: 'One dead letter, with what it was about',
  description: 'Whose it is, only those are told who may read people.',
  permission: 'states.read',
  path: numberPath,
  answer: ref('DeadLetterDetails'),
  command: {
    name: 'deadletters show',
    places: ['id'],
    examples: ['tributary deadletters show 7'],
  },
  problems: ['DEAD_LETTER_UNKNOWN'],
  handle: async ({ hub, path, key }) => {
    const found = await hub.deadLetters.show(path.id);
    if (!found) throw unknownNumber('DEAD_LETTER_UNKNOWN', [path.id], listed);
    const { record, action } = found;
    const profileId = may(key.role, 'people.read') ? found.profileId : undefined;
    const body = { ...wireOf(found, key), record, action, profileId };
    return { body, profiles: profileId === undefined ? [] : [profileId] };
  },
});

const selection = {
  ids: { ...ids, description: 'Left out: all open ones that the other members select.' },
  ...filter,
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
  long: true,
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
  problems: [...problems, 'DEAD_LETTER_UNKNOWN'],
  handle: async ({ hub, path, body, actor, progress }) => {
    await checkDestination(hub, path.instance);
    await checkLetters(hub, path.instance, body.ids);
    const { since, until, ...wanted } = body;
    const selected = { ...wanted, ...spanOf({ since, until }) };
    const changed = await hub.deadLetters.replay(path.instance, selected, actor, progress);
    return { body: { changed } };
  },
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
  long: true,
  answer: ref('Done'),
  command: {
    name: 'deadletters drop',
    places: ['instance'],
    print: { as: 'words', words: '{changed} dropped.' },
    examples: ["tributary deadletters drop mail --ids 7 --reason 'a test address'"],
  },
  problems: [...problems, 'DEAD_LETTER_UNKNOWN'],
  handle: async ({ hub, path, body, actor, progress }) => {
    await checkDestination(hub, path.instance);
    await checkLetters(hub, path.instance, body.ids);
    const { reason: why, since, until, ...wanted } = body;
    const selected = { ...wanted, ...spanOf({ since, until }) };
    const changed = await hub.deadLetters.drop(path.instance, selected, why, actor, progress);
    return { body: { changed } };
  },
});

const listed = 'deadletters list';

/** Those that are settled by now are passed over; what was never there is a mistake. */
async function checkLetters(
  hub: Hub,
  instance: string,
  asked: readonly number[] | undefined,
): Promise<void> {
  if (asked === undefined) return;
  const all = { after: 0, limit: asked.length };
  const found = await hub.deadLetters.list(instance, { ids: asked }, all);
  checkNumbers('DEAD_LETTER_UNKNOWN', asked, found, listed);
}

function wireOf(letter: DeadLetterView, key: ApiKeyView): object {
  const { id, instance, stage, kind, list, code, state, settledReason } = letter;
  return {
    id,
    instance,
    stage,
    kind,
    list,
    code,
    message: wordsFor(key, letter.message),
    at: time(letter.at),
    state,
    settledAt: optionalTime(letter.settledAt),
    settledReason,
  };
}
