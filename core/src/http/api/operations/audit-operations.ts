// The audit log: its newest entries, and whether it is as it was written.
import { defineOperation } from '../operation.ts';
import { limit } from '../parameters.ts';
import { pageOf, ref } from '../schemas.ts';
import { page } from '../wire.ts';

const tag = 'Audit';

export const listAudit = defineOperation({
  id: 'listAudit',
  method: 'get',
  route: '/audit',
  tag,
  summary: 'Entries of the audit log, newest first',
  permission: 'audit.read',
  query: {
    type: 'object',
    properties: {
      limit,
      before: { type: 'integer', minimum: 1, description: '`next` of the page before.' },
    },
    additionalProperties: false,
  },
  answer: pageOf('AuditEntry'),
  command: {
    name: 'audit tail',
    print: { as: 'table', columns: ['number', 'at', 'kind', 'actor', 'details'] },
    examples: ['tributary audit tail --limit 20'],
  },
  problems: [],
  handle: async ({ hub, query }) => {
    const items = await hub.audit.tail(query.before, query.limit);
    return { body: { items, ...page(items, query.limit, (last) => last['number']) } };
  },
});

export const verifyAuditLog = defineOperation({
  id: 'verifyAudit',
  method: 'post',
  route: '/audit/verify',
  tag,
  summary: 'Go through the whole log and say whether anything was changed',
  description:
    'Against a head that was signed before, `tributary audit verify --head FILE` says more: it finds a log that was rewritten as a whole.',
  permission: 'audit.read',
  answer: ref('AuditVerdict'),
  command: { name: 'audit verify', examples: ['tributary audit verify'] },
  problems: [],
  handle: async ({ hub }) => ({ body: await hub.audit.verify() }),
});
