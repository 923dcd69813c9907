// What the API answers to requests of people about their data.
import { members, text, count, flag, time, uuid } from './schema-parts.ts';

export const privacySchemas = {
  PrivacyRequest: members(
    {
      id: uuid,
      kind: { enum: ['access', 'erase', 'object', 'rectify'] },
      origin: { ...text, description: '`api`, `journal`, or the source whose record asked.' },
      actor: text,
      state: { enum: ['working', 'done'] },
      identifiers: { ...count, description: 'How many it covers.' },
      receivedAt: time,
      dueAt: time,
      overdue: flag,
    },
    {
      doneAt: time,
      destinations: { type: 'array', items: { $ref: '#/components/schemas/ErasureAtDestination' } },
    },
  ),
  ErasureAtDestination: members(
    {
      destination: text,
      state: {
        enum: ['waiting', 'pending', 'done', 'not_held', 'kept', 'by_hand', 'refused', 'confirmed'],
      },
    },
    {
      outcome: { ...text, description: 'Of the destination’s last answer.' },
      answeredAt: time,
      confirmedBy: text,
    },
  ),
  PersonExport: {
    type: 'object',
    description: 'A member per section, each a list, after `about`.',
    required: ['about'],
  },
  RetentionRule: members(
    {
      rule: {
        ...text,
        description:
          '`source:<id>`, `purpose:<name>`, `people`, `people_without_purpose`, `quarantine` or `dead_letters`.',
      },
      days: { ...count, description: 'So long is kept what the rule speaks of.' },
      done: { ...flag, description: 'All that is dated before is gone from log and tables.' },
      removed: { ...count, description: 'Records, people or entries, in all.' },
      removedLast: { ...count, description: 'The same, of the run under way or the last one.' },
    },
    {
      before: { ...time, description: 'What is dated before counts no more.' },
      finishedAt: time,
    },
  ),
  ProcessedField: members({
    destination: text,
    scope: {
      ...text,
      description: '`audience:<list>`, `profile`, `action:<name>`, `event:<type>`.',
    },
    field: text,
    purpose: text,
    bases: {
      type: 'array',
      items: text,
      description: 'Legal bases by which it was let through, as they were then.',
    },
    basisTimes: {
      type: 'array',
      items: members({ basis: text, firstAt: time, lastAt: time }),
      description: 'The same, with when each was first and last relied on.',
    },
    people: count,
    firstAt: time,
    lastAt: time,
  }),
};
