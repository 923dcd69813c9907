// Sources and destinations: how they are, and what an operator may do about it.
import type { DestinationView } from '../../operator-reads.ts';
import type { ApiKeyView } from '../../key-store.ts';
import { defineOperation } from '../operation.ts';
import { instancePath } from '../parameters.ts';
import { listOf, ref } from '../schemas.ts';
import { optionalTime, time, wordsFor } from '../wire.ts';
import { checkDestination, findDestination } from './find-destination.ts';

const tag = 'Instances';
const problems = ['INSTANCE_UNKNOWN'] as const;
const leverProblems = [...problems, 'DESTINATION_STOPPED'] as const;

const stands = { as: 'words', words: '{id} is {state}.' } as const;
const destinationColumns = [
  'id',
  'plugin',
  'state',
  'code',
  'since',
  'lag',
  'oldestUndelivered',
  'openDeadLetters',
];

export const listSources = defineOperation({
  id: 'listSources',
  method: 'get',
  route: '/sources',
  tag,
  summary: 'All sources and how they are',
  permission: 'states.read',
  answer: listOf('Source'),
  command: { name: 'source list', examples: ['tributary source list'] },
  problems: [],
  handle: async ({ hub }) => ({ body: { items: await hub.sources.list() } }),
});

export const listDestinations = defineOperation({
  id: 'listDestinations',
  method: 'get',
  route: '/destinations',
  tag,
  summary: 'All destinations: state, lag, oldest undelivered, books',
  permission: 'states.read',
  answer: listOf('Destination'),
  command: {
    name: 'destination list',
    print: { as: 'table', columns: destinationColumns },
    examples: ['tributary destination list'],
  },
  problems: [],
  handle: async ({ hub, key }) => {
    const found = await hub.destinations.list();
    return { body: { items: found.map((item) => wireOf(item, key)) } };
  },
});

export const readDestination = defineOperation({
  id: 'readDestination',
  method: 'get',
  route: '/destinations/{instance}',
  tag,
  summary: 'One destination: state, lag, oldest undelivered, books',
  permission: 'states.read',
  path: instancePath,
  answer: ref('Destination'),
  command: {
    name: 'destination show',
    places: ['instance'],
    examples: ['tributary destination show mail'],
  },
  problems,
  handle: async ({ hub, path, key }) => ({
    body: wireOf(await findDestination(hub, path.instance), key),
  }),
});

export const pauseDestination = defineOperation({
  id: 'pauseDestination',
  method: 'post',
  route: '/destinations/{instance}/pause',
  tag,
  summary: 'Send nothing more and keep everything',
  permission: 'hub.operate',
  path: instancePath,
  answer: ref('Destination'),
  command: {
    name: 'destination pause',
    places: ['instance'],
    print: stands,
    examples: ['tributary destination pause mail'],
  },
  problems: leverProblems,
  handle: async ({ hub, path, actor, key }) => {
    await checkDestination(hub, path.instance);
    await hub.destinations.pause(path.instance, actor);
    return { body: wireOf(await findDestination(hub, path.instance), key) };
  },
});

export const resumeDestination = defineOperation({
  id: 'resumeDestination',
  method: 'post',
  route: '/destinations/{instance}/resume',
  tag,
  summary: 'Send again',
  permission: 'hub.operate',
  path: instancePath,
  answer: ref('Destination'),
  command: {
    name: 'destination resume',
    places: ['instance'],
    print: stands,
    examples: ['tributary destination resume mail'],
  },
  problems: leverProblems,
  handle: async ({ hub, path, actor, key }) => {
    await checkDestination(hub, path.instance);
    await hub.destinations.resume(path.instance, actor);
    return { body: wireOf(await findDestination(hub, path.instance), key) };
  },
});

export const approveGuard = defineOperation({
  id: 'approveGuard',
  method: 'post',
  route: '/destinations/{instance}/approve',
  tag,
  summary: 'Let through what a guard against mass changes stopped',
  permission: 'hub.operate',
  path: instancePath,
  body: {
    type: 'object',
    properties: {
      minutes: {
        type: 'integer',
        minimum: 1,
        maximum: 1_440,
        default: 60,
        description: 'So long the guards let everything through.',
      },
    },
    additionalProperties: false,
  },
  answer: ref('Destination'),
  command: {
    name: 'destination approve',
    places: ['instance'],
    print: stands,
    examples: ['tributary destination approve mail --minutes 30'],
  },
  problems: leverProblems,
  handle: async ({ hub, path, body, actor, key, now }) => {
    await checkDestination(hub, path.instance);
    await hub.destinations.approveGuard(path.instance, now + body.minutes * 60_000, actor);
    return { body: wireOf(await findDestination(hub, path.instance), key) };
  },
});

export const resyncDestination = defineOperation({
  id: 'resyncDestination',
  method: 'post',
  route: '/destinations/{instance}/resync',
  tag,
  summary: 'Ask the vendor what is on each list, and put back what is missing',
  description:
    'Members whom this hub did not put there are counted and left alone. Where a list cannot be read back, `resetDestination` is what helps.',
  permission: 'hub.operate',
  path: instancePath,
  long: true,
  answer: listOf('ListResync'),
  command: {
    name: 'destination resync',
    places: ['instance'],
    examples: ['tributary destination resync mail'],
  },
  problems: leverProblems,
  handle: async ({ hub, path, actor, progress }) => {
    await checkDestination(hub, path.instance);
    return { body: { items: await hub.destinations.resync(path.instance, actor, progress) } };
  },
});

export const resetDestination = defineOperation({
  id: 'resetDestination',
  method: 'post',
  route: '/destinations/{instance}/reset',
  tag,
  summary: 'Believe nothing of what may be there, and send all of it again',
  description: 'Guards still stand. What is sent is what is wanted now, by consent of now.',
  permission: 'hub.operate',
  path: instancePath,
  long: true,
  answer: ref('Done'),
  command: {
    name: 'destination reset',
    places: ['instance'],
    print: { as: 'words', words: '{changed} are in doubt now and are sent again.' },
    examples: ['tributary destination reset mail'],
  },
  problems: leverProblems,
  handle: async ({ hub, path, actor, progress }) => {
    await checkDestination(hub, path.instance);
    return { body: { changed: await hub.destinations.reset(path.instance, actor, progress) } };
  },
});

function wireOf(view: DestinationView, key: ApiKeyView): object {
  return {
    ...view,
    since: time(view.since),
    oldestUndelivered: optionalTime(view.oldestUndelivered),
    message: view.message === undefined ? undefined : wordsFor(key, view.message),
  };
}
