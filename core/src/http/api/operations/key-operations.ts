// API keys.
import type { ApiKeyView } from '../../key-store.ts';
import { defineOperation } from '../operation.ts';
import { ApiProblem } from '../problem.ts';
import { listOf, ref } from '../schemas.ts';
import { optionalTime, time } from '../wire.ts';

const tag = 'Keys';
const permission = 'keys.manage';

export const listKeys = defineOperation({
  id: 'listKeys',
  method: 'get',
  route: '/keys',
  tag,
  summary: 'All keys, without their secrets',
  permission,
  answer: listOf('ApiKey'),
  command: { name: 'keys list', examples: ['tributary keys list'] },
  problems: [],
  handle: async ({ keys }) => ({ body: { items: (await keys.list()).map(keyOnWire) } }),
});

export const createKey = defineOperation({
  id: 'createKey',
  method: 'post',
  route: '/keys',
  tag,
  summary: 'Make a key; it is shown this once',
  permission,
  body: {
    type: 'object',
    required: ['role', 'label'],
    properties: {
      role: { enum: ['viewer', 'operator', 'privacy', 'admin'] },
      label: { type: 'string', minLength: 1, maxLength: 200, description: 'Who or what uses it.' },
      expiresInDays: { type: 'integer', minimum: 1, maximum: 3_650 },
    },
    additionalProperties: false,
  },
  answer: ref('CreatedKey'),
  command: {
    name: 'keys create',
    print: {
      as: 'member',
      member: 'key',
      words: 'Key {view.id} with role {view.role}. It is shown this once:',
    },
    examples: ["tributary keys create --role operator --label 'night shift' --expires-in-days 90"],
  },
  problems: [],
  handle: async ({ keys, body, actor, now }) => {
    const { role, label, expiresInDays } = body;
    const expiresAt = expiresInDays === undefined ? undefined : now + expiresInDays * 86_400_000;
    const { key, view } = await keys.create({ role, label, expiresAt }, actor);
    return { body: { key, view: keyOnWire(view) } };
  },
});

export const revokeKey = defineOperation({
  id: 'revokeKey',
  method: 'delete',
  route: '/keys/{id}',
  tag,
  summary: 'Take a key out of use, at once',
  permission,
  path: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string', pattern: '^[0-9a-f]{12}$' } },
    additionalProperties: false,
  },
  answer: ref('Done'),
  command: {
    name: 'keys revoke',
    places: ['id'],
    print: { as: 'words', words: 'The key is revoked.' },
    examples: ['tributary keys revoke b258e0649bfd'],
  },
  problems: ['KEY_UNKNOWN'],
  handle: async ({ keys, path, actor }) => {
    if (await keys.revoke(path.id, actor)) return { body: { changed: 1 } };
    throw new ApiProblem('KEY_UNKNOWN', { detail: 'GET /api/keys lists those there are.' });
  },
});

export function keyOnWire(view: ApiKeyView): object {
  return {
    ...view,
    createdAt: time(view.createdAt),
    expiresAt: optionalTime(view.expiresAt),
    revokedAt: optionalTime(view.revokedAt),
  };
}
