// What may or may not have arrived: actions and forwarded events in doubt are never repeated by
// themselves. Whoever has looked at the other side says how it was.
import { actionStates, openEventStates, settlingVerdicts } from '../../operator-reads.ts';
import { defineOperation } from '../operation.ts';
import { instancePath, limit, reason } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { listOf, ref } from '../schemas.ts';
import { optionalTime, time, wordsFor } from '../wire.ts';
import { checkDestination } from './find-destination.ts';

const tag = 'Deliveries in doubt';
const problems = ['INSTANCE_UNKNOWN', 'DESTINATION_STOPPED'] as const;
const { instance } = instancePath.properties;
const verdict = {
  enum: settlingVerdicts,
  description: '`not_delivered` makes it due again.',
} as const;

export const listActions = defineOperation({
  id: 'listActions',
  method: 'get',
  route: '/destinations/{instance}/actions',
  tag,
  summary: 'Actions of a destination, the newest first',
  permission: 'states.read',
  path: instancePath,
  query: {
    type: 'object',
    properties: { status: { enum: actionStates }, limit },
    additionalProperties: false,
  },
  answer: listOf('Action'),
  command: {
    name: 'destination actions',
    places: ['instance'],
    examples: ['tributary destination actions mail --status in_doubt'],
  },
  problems,
  handle: async ({ hub, path, query, key }) => {
    await checkDestination(hub, path.instance);
    const found = await hub.destinations.actions(path.instance, query.status, query.limit);
    const items = found.map((item) => ({
      ...item,
      reason: item.reason === undefined ? undefined : wordsFor(key, item.reason),
      plannedAt: time(item.plannedAt),
      settledAt: optionalTime(item.settledAt),
    }));
    return { body: { items } };
  },
});

export const settleAction = defineOperation({
  id: 'settleAction',
  method: 'post',
  route: '/destinations/{instance}/actions/{id}/settle',
  tag,
  summary: 'Say how an action in doubt ended, after a look at the vendor',
  permission: 'hub.operate',
  path: {
    type: 'object',
    required: ['instance', 'id'],
    properties: { instance, id: { type: 'string', format: 'uuid' } },
    additionalProperties: false,
  },
  body: {
    type: 'object',
    required: ['verdict', 'reason'],
    properties: { verdict, reason: { ...reason, description: 'Kept with the action.' } },
    additionalProperties: false,
  },
  answer: ref('Done'),
  command: {
    name: 'destination settle-action',
    places: ['instance', 'id'],
    print: { as: 'words', words: 'Settled.' },
    examples: [
      "tributary destination settle-action mail 5f0c1e2d-0000-4000-8000-000000000000 --verdict delivered --reason 'found in the outbox'",
    ],
  },
  problems: [...problems, 'DELIVERY_UNKNOWN'],
  handle: async ({ hub, path, body, actor }) => {
    await checkDestination(hub, path.instance);
    const { verdict: how, reason: why } = body;
    const settled = await hub.destinations.settleAction(path.instance, path.id, how, why, actor);
    if (settled) return { body: { changed: 1 } };
    throw new ApiProblem('DELIVERY_UNKNOWN', { detail: 'listActions shows those in doubt.' });
  },
});

export const listOpenEvents = defineOperation({
  id: 'listOpenEvents',
  method: 'get',
  route: '/destinations/{instance}/events',
  tag,
  summary: 'Forwarded events that have no outcome yet, in the order of the log',
  permission: 'states.read',
  path: instancePath,
  query: {
    type: 'object',
    properties: { status: { enum: openEventStates }, limit },
    additionalProperties: false,
  },
  answer: listOf('OpenEvent'),
  command: {
    name: 'destination events',
    places: ['instance'],
    examples: ['tributary destination events archive --status in_doubt'],
  },
  problems,
  handle: async ({ hub, path, query, key }) => {
    await checkDestination(hub, path.instance);
    const found = await hub.destinations.events(path.instance, query.status, query.limit);
    const items = found.map((item) => ({
      ...item,
      reason: item.reason === undefined ? undefined : wordsFor(key, item.reason),
      plannedAt: time(item.plannedAt),
      dueAt: optionalTime(item.dueAt),
    }));
    return { body: { items } };
  },
});

export const settleEvent = defineOperation({
  id: 'settleEvent',
  method: 'post',
  route: '/destinations/{instance}/events/{number}/settle',
  tag,
  summary: 'Say how a forwarded event in doubt ended, after a look at the other side',
  permission: 'hub.operate',
  path: {
    type: 'object',
    required: ['instance', 'number'],
    properties: { instance, number: { type: 'integer', minimum: 1 } },
    additionalProperties: false,
  },
  body: {
    type: 'object',
    required: ['verdict'],
    properties: { verdict },
    additionalProperties: false,
  },
  answer: ref('Done'),
  command: {
    name: 'destination settle-event',
    places: ['instance', 'number'],
    print: { as: 'words', words: 'Settled.' },
    examples: ['tributary destination settle-event archive 4711 --verdict not_delivered'],
  },
  problems: [...problems, 'DELIVERY_UNKNOWN'],
  handle: async ({ hub, path, body, actor }) => {
    await checkDestination(hub, path.instance);
    const { instance: id, number } = path;
    if (await hub.destinations.settleEvent(id, number, body.verdict, actor)) {
      return { body: { changed: 1 } };
    }
    throw new ApiProblem('DELIVERY_UNKNOWN', { detail: 'listOpenEvents shows those in doubt.' });
  },
});
