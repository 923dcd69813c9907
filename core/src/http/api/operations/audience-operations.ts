// Audiences: how large they are, what makes them, who is in them.
import type { Hub } from '../../hub-reads.ts';
import { defineOperation } from '../operation.ts';
import { limit } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { unknownName } from '../unknown.ts';
import { listOf, pageOf, ref } from '../schemas.ts';
import { optionalTime, page } from '../wire.ts';

const tag = 'Audiences';

const audiencePath = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', maxLength: 200 } },
  additionalProperties: false,
} as const;

export const listAudiences = defineOperation({
  id: 'listAudiences',
  method: 'get',
  route: '/audiences',
  tag,
  summary: 'All audiences with their rule and their size now',
  permission: 'states.read',
  answer: listOf('Audience'),
  command: {
    name: 'audience list',
    print: { as: 'table', columns: ['name', 'title', 'size'] },
    examples: ['tributary audience list'],
  },
  problems: [],
  handle: async ({ hub, now }) => {
    const items = [];
    // One after the other: each size may be a long statement.
    for (const audience of hub.audiences.list()) {
      items.push({ ...audience, size: await hub.audiences.size(audience.name, now) });
    }
    return { body: { items } };
  },
});

export const readAudience = defineOperation({
  id: 'readAudience',
  method: 'get',
  route: '/audiences/{name}',
  tag,
  summary: 'One audience with its rule and its size now',
  permission: 'states.read',
  path: audiencePath,
  answer: ref('Audience'),
  command: {
    name: 'audience show',
    places: ['name'],
    examples: ['tributary audience show buyers'],
  },
  problems: ['AUDIENCE_UNKNOWN'],
  handle: async ({ hub, path, now }) => {
    const audience = findAudience(hub, path.name);
    return { body: { ...audience, size: await hub.audiences.size(path.name, now) } };
  },
});

export const listMembers = defineOperation({
  id: 'listMembers',
  method: 'get',
  route: '/audiences/{name}/members',
  tag,
  summary: 'Who is in it now, evaluated at this moment',
  permission: 'people.read',
  path: audiencePath,
  query: {
    type: 'object',
    properties: {
      limit,
      after: { type: 'string', format: 'uuid', description: '`next` of the page before.' },
    },
    additionalProperties: false,
  },
  answer: pageOf('Member', { type: 'string', format: 'uuid' }),
  command: {
    name: 'audience members',
    places: ['name'],
    examples: [
      'tributary audience members buyers',
      'tributary audience members buyers --all --json',
    ],
  },
  problems: ['AUDIENCE_UNKNOWN'],
  handle: async ({ hub, path, query, now }) => {
    findAudience(hub, path.name);
    const found = await hub.audiences.members(path.name, query.after, query.limit, now);
    const items = found.map(({ profileId, since, cause }) => ({
      profileId,
      since: optionalTime(since),
      cause,
    }));
    const next = page(found, query.limit, (last) => last.profileId);
    return { body: { items, ...next }, profiles: found.map((item) => item.profileId) };
  },
});

export const previewAudience = defineOperation({
  id: 'previewAudience',
  method: 'post',
  route: '/audiences/preview',
  tag,
  summary: 'How many would meet a rule, without making an audience of it',
  // A rule about one person is answered with 0 or 1.
  permission: 'people.read',
  body: {
    type: 'object',
    required: ['rule'],
    properties: { rule: { type: 'object', description: 'A rule as config writes it.' } },
    additionalProperties: false,
  },
  long: true,
  answer: ref('AudiencePreview'),
  command: {
    name: 'audience preview',
    files: ['rule'],
    print: { as: 'words', words: '{size} of {profiles} profiles meet it.' },
    examples: ['tributary audience preview --rule rule.yaml'],
  },
  problems: ['RULE_INVALID'],
  handle: async ({ hub, body, now }) => {
    const preview = await hub.audiences.preview(body.rule, now);
    if ('size' in preview) return { body: preview };
    throw new ApiProblem('RULE_INVALID', { detail: preview.problems.slice(0, 10).join('; ') });
  },
});

/** Throws AUDIENCE_UNKNOWN. */
export function checkAudience(hub: Hub, name: string): void {
  findAudience(hub, name);
}

function findAudience(hub: Hub, name: string): ReturnType<Hub['audiences']['list']>[number] {
  const all = hub.audiences.list();
  const found = all.find((audience) => audience.name === name);
  if (found) return found;
  const known = all.map((audience) => audience.name);
  throw unknownName('AUDIENCE_UNKNOWN', name, known);
}
