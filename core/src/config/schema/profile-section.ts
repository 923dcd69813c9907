// `traits`, `computed` and `primary`: what is kept of a person and how sources are joined.
import { mergePolicies, traitTypes } from '../../profile/settings.ts';
import { choice, listOf, mapOf, name, section, traitName, whole, type Schema } from './parts.ts';

const trait = section('How a trait is kept.', {
  type: choice(
    'What values are; a value of another type is dropped. Left out: any JSON.',
    traitTypes,
  ),
  merge: choice('Which value stands when sources differ.', mergePolicies, { default: 'latest' }),
  sources: listOf('With `merge: source_priority`: source instances, the strongest first.', name, {
    default: [],
  }),
  limit: whole(
    'With `merge: union`: most values kept, those that were said last. `oldest` and `most_frequent` look at 1,000 different values, or at so many where that is more.',
    1,
    10_000,
    { default: 100 },
  ),
  standardise: choice(
    'How a value is brought into one form first.',
    ['email', 'phone', 'country', 'currency', 'time', 'none'],
    { default: 'none' },
  ),
  categories: mapOf(
    'The source’s word → ours, e.g. `{ m: male, f: female }`; compared in lower case.',
    { type: 'string', minLength: 1 },
    { type: 'string', minLength: 1 },
  ),
});

export const traitsSection: Schema = {
  ...mapOf(
    'Traits with rules of their own. Any other trait is kept as it comes, the latest value standing, up to 1,000 of one person: the first by name.',
    trait,
    traitName,
  ),
  default: {},
};

export const computedSection: Schema = {
  ...mapOf('Traits that are computed from events.', { $ref: '#/$defs/measure' }, traitName),
  default: {},
};

export const primarySection: Schema = {
  ...mapOf(
    'Which address or number of a person is the primary one, by namespace.',
    choice('How it is chosen.', ['latest', 'oldest', 'most_trusted']),
    name,
  ),
  default: {},
};
