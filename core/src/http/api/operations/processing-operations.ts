// The record of processing: what was done with whose data, in numbers.
import { defineOperation } from '../operation.ts';
import { listOf } from '../schemas.ts';
import { time } from '../wire.ts';

const tag = 'Privacy';

export const readProcessingRecord = defineOperation({
  id: 'readProcessingRecord',
  method: 'get',
  route: '/processing-record',
  tag,
  summary: 'Which field of how many people went to which destination, for what, since when',
  permission: 'audit.read',
  answer: listOf('ProcessedField'),
  command: {
    name: 'privacy processing',
    print: {
      as: 'table',
      columns: ['destination', 'scope', 'field', 'purpose', 'bases', 'people', 'firstAt', 'lastAt'],
    },
    examples: ['tributary privacy processing'],
  },
  problems: [],
  handle: async ({ hub }) => {
    const fields = await hub.privacy.processing();
    const items = fields.map(({ instance, firstAt, lastAt, ...field }) => ({
      destination: instance,
      ...field,
      firstAt: time(firstAt),
      lastAt: time(lastAt),
    }));
    return { body: { items } };
  },
});
