// `audiences`: rules, and the sets of people that meet them.
import { mapOf, name, section, text, type Schema } from './parts.ts';

export const audiencesSection: Schema = {
  ...mapOf(
    'Rules, and the sets of people that meet them.',
    section(
      'An audience.',
      {
        title: text('What people are shown; default the name.'),
        rule: { $ref: '#/$defs/rule' },
      },
      { required: ['rule'] },
    ),
    name,
  ),
  default: {},
};
