// The audit log: its newest entries, and whether it is as it was written.
import { defineOperation } from '../operation.ts';
import { after, limit } from '../parameters.ts';
import { pageOf, ref } from '../schemas.ts';
import { page, time } from '../wire.ts';

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

export const exportAudit = defineOperation({
  id: 'exportAudit',
  method: 'get',
  route: '/audit/entries',
  tag,
  summary: 'The audit log from its beginning, with what proves it',
  description:
    'Whoever has all entries can compute leaves and chain herself, beginning with SHA-256 of `tributary audit log, version 1`, and compare the chain with a head that was signed before.',
  permission: 'audit.read',
  query: { type: 'object', properties: { limit, after }, additionalProperties: false },
  answer: pageOf('AuditExport'),
  command: {
    name: 'audit export',
    print: { as: 'lines' },
    examples: ['tributary audit export > audit.jsonl'],
  },
  problems: [],
  handle: async ({ hub, query }) => {
    const found = await hub.audit.entries(query.after, query.limit);
    const items = found.map((entry) => ({ ...entry, at: time(entry.at) }));
    return { body: { items, ...page(found, query.limit, (last) => last.number) } };
  },
});

export const verifyAuditLog = defineOperation({
  id: 'verifyAudit',
  method: 'post',
  route: '/audit/verify',
  tag,
  summary: 'Go through the whole log and say whether anything was changed',
  description:
    'With a head that was signed before it also finds a log that was rewritten as a whole. That the head is genuine, whoever kept it outside must know: its signature is checked by `tributary audit verify --config FILE`.',
  permission: 'audit.read',
  body: {
    type: 'object',
    properties: {
      head: {
        type: 'object',
        required: ['size', 'hash'],
        properties: {
          size: { type: 'integer', minimum: 0 },
          hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
        },
        description: 'A head as the hub wrote it outside, e.g. `head-000000001234.json`.',
      },
    },
    additionalProperties: false,
  },
  long: true,
  answer: ref('AuditVerdict'),
  command: {
    name: 'audit verify',
    files: ['head'],
    examples: ['tributary audit verify', 'tributary audit verify --head head-000000001234.json'],
  },
  problems: [],
  handle: async ({ hub, body: { head } }) => ({
    body: await hub.audit.verify(head === undefined ? [] : [head]),
  }),
});
