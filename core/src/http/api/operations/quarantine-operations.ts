// Records that could not be taken: looked at, replayed once the cause is mended, or dropped.
import type { Hub } from '../../hub-reads.ts';
import type { QuarantineView } from '../../operator-reads.ts';
import type { ApiKeyView } from '../../key-store.ts';
import { defineOperation } from '../operation.ts';
import { after, ids, limit, numberPath, reason, settledState, span } from '../parameters.ts';
import { pageOf, ref } from '../schemas.ts';
import { checkNumbers, unknownNumber } from '../unknown.ts';
import { optionalTime, page, spanOf, time, wordsFor } from '../wire.ts';

const tag = 'Quarantine';

const filter = {
  source: { type: 'string', maxLength: 100, description: 'Only of this source.' },
  code: { type: 'string', maxLength: 100, description: 'E.g. `RECORD_INVALID`.' },
  ...span,
} as const;

const selection = {
  ids: { ...ids, description: 'Left out: all open ones that the other members select.' },
  ...filter,
} as const;

export const listQuarantine = defineOperation({
  id: 'listQuarantine',
  method: 'get',
  route: '/quarantine',
  tag,
  summary: 'What could not be taken and why, oldest first',
  permission: 'states.read',
  query: {
    type: 'object',
    properties: {
      limit,
      after,
      state: settledState,
      ...filter,
    },
    additionalProperties: false,
  },
  answer: pageOf('QuarantineEntry'),
  command: {
    name: 'quarantine list',
    print: { as: 'table', columns: ['id', 'receivedAt', 'source', 'code', 'state', 'message'] },
    examples: ['tributary quarantine list --state open'],
  },
  problems: [],
  handle: async ({ hub, query, key }) => {
    const { since, until, ...wanted } = query;
    const found = await hub.quarantine.list({ ...wanted, ...spanOf({ since, until }) });
    const items = found.map((item) => wireOf(item, key));
    return { body: { items, ...page(found, query.limit, (last) => last.id) } };
  },
});

export const readQuarantined = defineOperation({
  id: 'readQuarantined',
  method: 'get',
  route: '/quarantine/{id}',
  tag,
  summary: 'One entry with the bytes as they came',
  permission: 'people.read',
  path: numberPath,
  answer: ref('QuarantinePayload'),
  command: { name: 'quarantine show', places: ['id'], examples: ['tributary quarantine show 7'] },
  problems: ['QUARANTINE_UNKNOWN'],
  handle: async ({ hub, path, key }) => {
    const found = await hub.quarantine.show(path.id);
    if (!found) throw unknownNumber('QUARANTINE_UNKNOWN', [path.id], listed);
    const { payload, ...entry } = found;
    return { body: { entry: wireOf(entry, key), ...payloadOf(payload) }, personal: true };
  },
});

export const replayQuarantined = defineOperation({
  id: 'replayQuarantined',
  method: 'post',
  route: '/quarantine/replay',
  tag,
  summary: 'Try them again, after the cause is mended',
  permission: 'hub.operate',
  body: { type: 'object', properties: selection, additionalProperties: false },
  long: true,
  answer: ref('Replayed'),
  command: {
    name: 'quarantine replay',
    print: { as: 'words', words: '{replayed} taken, {stillOpen} still open.' },
    examples: [
      'tributary quarantine replay --source shop --code RECORD_INVALID',
      'tributary quarantine replay --ids 7,8',
    ],
  },
  problems: ['QUARANTINE_UNKNOWN', 'INTAKE_BUSY'],
  handle: async ({ hub, body, actor, progress }) => {
    await checkEntries(hub, body.ids);
    const { since, until, ...wanted } = body;
    const selected = { ...wanted, ...spanOf({ since, until }) };
    return { body: await hub.quarantine.replay(selected, actor, progress) };
  },
});

export const dropQuarantined = defineOperation({
  id: 'dropQuarantined',
  method: 'post',
  route: '/quarantine/drop',
  tag,
  summary: 'Give them up, and say why',
  permission: 'hub.operate',
  body: {
    type: 'object',
    required: ['reason'],
    properties: { ...selection, reason },
    additionalProperties: false,
  },
  answer: ref('Done'),
  command: {
    name: 'quarantine drop',
    print: { as: 'words', words: '{changed} dropped.' },
    examples: ["tributary quarantine drop --ids 7 --reason 'a test'"],
  },
  problems: ['QUARANTINE_UNKNOWN'],
  handle: async ({ hub, body, actor }) => {
    await checkEntries(hub, body.ids);
    const { reason: why, since, until, ...wanted } = body;
    const selected = { ...wanted, ...spanOf({ since, until }) };
    return { body: { changed: await hub.quarantine.drop(selected, why, actor) } };
  },
});

const listed = 'quarantine list';

/** Those that are settled by now are passed over; what was never there is a mistake. */
async function checkEntries(hub: Hub, asked: readonly number[] | undefined): Promise<void> {
  if (asked === undefined) return;
  const found = await hub.quarantine.list({ ids: asked, after: 0, limit: asked.length });
  checkNumbers('QUARANTINE_UNKNOWN', asked, found, listed);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function payloadOf(payload: Uint8Array | undefined): object {
  if (!payload) return {};
  try {
    return { payload: decoder.decode(payload) };
  } catch {
    return { payloadBase64: Buffer.from(payload).toString('base64') };
  }
}

function wireOf(entry: QuarantineView, key: ApiKeyView): object {
  const { id, source, code, record, state, settledReason } = entry;
  return {
    id,
    source,
    receivedAt: time(entry.receivedAt),
    code,
    message: wordsFor(key, entry.message),
    record,
    state,
    settledAt: optionalTime(entry.settledAt),
    settledReason,
  };
}
