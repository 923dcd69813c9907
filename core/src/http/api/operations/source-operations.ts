// Sources that pull or stream: where they stand, and an operator's levers over it.
import type { JsonValue } from '@tributary/sdk';
import { checkCheckpoint } from '../../../intake/check-checkpoint.ts';
import type { Hub } from '../../hub-reads.ts';
import type { SourceView } from '../../operator-reads.ts';
import { defineOperation } from '../operation.ts';
import { instancePath } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { unknownName } from '../unknown.ts';
import { ref } from '../schemas.ts';

const tag = 'Sources';
const path = instancePath;
const problems = ['INSTANCE_UNKNOWN', 'SOURCE_NOT_DRIVEN'] as const;
const done = { as: 'words', words: 'It begins anew from its checkpoint.' } as const;

export const readCheckpoint = defineOperation({
  id: 'readCheckpoint',
  method: 'get',
  route: '/sources/{instance}/checkpoint',
  tag,
  summary: 'How far a source has been read',
  permission: 'states.read',
  path,
  answer: ref('Checkpoint'),
  command: {
    name: 'source checkpoint show',
    places: ['instance'],
    examples: ['tributary source checkpoint show shop'],
  },
  problems: ['INSTANCE_UNKNOWN'],
  handle: async ({ hub, path: { instance } }) => {
    await checkSource(hub, instance);
    return { body: { checkpoint: await hub.sources.checkpoint(instance) } };
  },
});

export const setCheckpoint = defineOperation({
  id: 'setCheckpoint',
  method: 'post',
  route: '/sources/{instance}/checkpoint',
  tag,
  summary: 'Read a source on from another place',
  description:
    'What is read twice is taken once: records are told apart by their message ids. What is skipped is not read.',
  permission: 'hub.operate',
  path,
  body: {
    type: 'object',
    required: ['checkpoint'],
    properties: { checkpoint: { description: 'As `readCheckpoint` shows it.' } },
    additionalProperties: false,
  },
  answer: ref('Done'),
  command: {
    name: 'source checkpoint set',
    places: ['instance'],
    files: ['checkpoint'],
    print: done,
    examples: ['tributary source checkpoint set shop --checkpoint place.json'],
  },
  problems,
  handle: async ({ hub, path: { instance }, body, actor }) => {
    await checkSource(hub, instance);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the body was read as JSON
    const value = body.checkpoint as JsonValue;
    const problem = checkCheckpoint(instance, value);
    if (problem !== undefined) throw new ApiProblem('REQUEST_INVALID', { detail: problem });
    return begun(await hub.sources.setCheckpoint(instance, value, actor));
  },
});

export const resetCheckpoint = defineOperation({
  id: 'resetCheckpoint',
  method: 'delete',
  route: '/sources/{instance}/checkpoint',
  tag,
  summary: 'Read a source from its beginning again',
  permission: 'hub.operate',
  path,
  answer: ref('Done'),
  command: {
    name: 'source checkpoint reset',
    places: ['instance'],
    print: done,
    examples: ['tributary source checkpoint reset shop'],
  },
  problems,
  handle: async ({ hub, path: { instance }, actor }) => {
    await checkSource(hub, instance);
    return begun(await hub.sources.setCheckpoint(instance, undefined, actor));
  },
});

export const pullSource = defineOperation({
  id: 'pullSource',
  method: 'post',
  route: '/sources/{instance}/pull',
  tag,
  summary: 'Pull now, without waiting for the next turn',
  permission: 'hub.operate',
  path,
  answer: ref('Done'),
  command: {
    name: 'source pull',
    places: ['instance'],
    print: done,
    examples: ['tributary source pull shop'],
  },
  problems: [...problems, 'SOURCE_PAUSED'],
  handle: async ({ hub, path: { instance }, actor }) => {
    const { code } = await checkSource(hub, instance);
    if (code !== 'SOURCE_PAUSED') return begun(await hub.sources.pull(instance, actor));
    const detail = `Found that an operator paused it. Resume it: tributary source resume ${instance}`;
    throw new ApiProblem('SOURCE_PAUSED', { detail });
  },
});

export const pauseSource = defineOperation({
  id: 'pauseSource',
  method: 'post',
  route: '/sources/{instance}/pause',
  tag,
  summary: 'Pull nothing and take nothing from it until it is resumed',
  description:
    'What is being committed is committed. Who sends to it is answered 503 with `Retry-After`. It stays paused over restarts.',
  permission: 'hub.operate',
  path,
  answer: ref('Done'),
  command: {
    name: 'source pause',
    places: ['instance'],
    print: { as: 'words', words: 'It is paused.' },
    examples: ['tributary source pause shop'],
  },
  problems,
  handle: async ({ hub, path: { instance }, actor }) => {
    await checkSource(hub, instance);
    return begun(await hub.sources.pause(instance, actor));
  },
});

export const resumeSource = defineOperation({
  id: 'resumeSource',
  method: 'post',
  route: '/sources/{instance}/resume',
  tag,
  summary:
    'Go on with a source that an operator paused, or that paused since its credentials were refused',
  permission: 'hub.operate',
  path,
  answer: ref('Done'),
  command: {
    name: 'source resume',
    places: ['instance'],
    print: { as: 'words', words: 'It goes on.' },
    examples: ['tributary source resume shop'],
  },
  problems,
  handle: async ({ hub, path: { instance }, actor }) => {
    await checkSource(hub, instance);
    return begun(await hub.sources.resume(instance, actor));
  },
});

async function checkSource(hub: Hub, id: string): Promise<SourceView> {
  const all = await hub.sources.list();
  const found = all.find((source) => source.id === id);
  if (found) return found;
  const known = all.map((source) => source.id);
  throw unknownName('INSTANCE_UNKNOWN', id, known);
}

function begun(isDriven: boolean): { readonly body: { readonly changed: number } } {
  if (isDriven) return { body: { changed: 1 } };
  const detail = 'Found no pull or stream of it here, expected one. Ask the process that runs it.';
  throw new ApiProblem('SOURCE_NOT_DRIVEN', { detail });
}
