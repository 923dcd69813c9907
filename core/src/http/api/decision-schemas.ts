// What the API answers to operators' decisions about who is who.
import { count, flag, members, text, time, uuid, whole } from './schema-parts.ts';

const identifier = { $ref: '#/components/schemas/Identifier' };

export const decisionSchemas = {
  DecisionExplained: members(
    {
      answer: text,
      because: { type: 'array', items: { $ref: '#/components/schemas/Reason' } },
      decided: { ...flag, description: 'False: it was only asked what would come of it.' },
      samePerson: { ...flag, description: 'Whether the two are one person then.' },
      profiles: { type: 'array', items: uuid },
      audiences: {
        type: 'array',
        items: members({ audience: text, entered: count, left: count }),
        description: 'How many profiles enter and leave.',
      },
    },
    { record: { ...whole, description: 'Its log number; left out where it was decided before.' } },
  ),
  Decision: members(
    {
      decision: { enum: ['merge', 'separate', 'retract'] },
      left: identifier,
      right: identifier,
      at: time,
      actor: { ...text, description: 'Whose key it was.' },
      record: whole,
    },
    {
      upTo: {
        ...time,
        description: 'Of a retraction: what was observed until then does not count.',
      },
      rejectedBy: { ...text, description: 'Why a merge joins nobody.' },
    },
  ),
};
