// The record of processing: what was done with whose data, in numbers.
import { defineOperation } from '../operation.ts';
import { listOf } from '../schemas.ts';
import { optionalTime, time } from '../wire.ts';

const tag = 'Privacy';

export const readRetention = defineOperation({
  id: 'readRetention',
  method: 'get',
  route: '/retention',
  tag,
  summary: 'By which rules data ages, how far each was carried out, and how much has gone',
  description: 'What went when, run by run, is in the audit log as `data.aged`.',
  permission: 'audit.read',
  answer: listOf('RetentionRule'),
  command: {
    name: 'privacy retention',
    print: {
      as: 'table',
      columns: ['rule', 'days', 'before', 'done', 'removed', 'removedLast', 'finishedAt'],
    },
    examples: ['tributary privacy retention'],
  },
  problems: [],
  handle: async ({ hub }) => {
    const rules = await hub.privacy.retention();
    const items = rules.map(
      ({ rule, keepMs, before, isDone, removed, removedLast, finishedAt }) => ({
        rule,
        days: Math.floor(keepMs / 86_400_000),
        before: optionalTime(before),
        done: isDone,
        removed,
        removedLast,
        finishedAt: optionalTime(finishedAt),
      }),
    );
    return { body: { items } };
  },
});

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
    const items = fields.map(({ instance, firstAt, lastAt, bases, ...field }) => ({
      destination: instance,
      ...field,
      bases: [...new Set(bases.map(({ basis }) => basis))],
      basisTimes: bases.map(({ basis, ...when }) => ({
        basis,
        firstAt: time(when.firstAt),
        lastAt: time(when.lastAt),
      })),
      firstAt: time(firstAt),
      lastAt: time(lastAt),
    }));
    return { body: { items } };
  },
});
