// `purposes` and `consent`: what data may be used for, and what holds where nobody was asked.
import {
  choice,
  duration,
  listOf,
  mapOf,
  name,
  patterns,
  section,
  text,
  traitName,
  type Schema,
} from './parts.ts';

const region = section(
  'What holds in this region where no consent entry covers the person.',
  {
    decision: choice('The decision.', ['granted', 'denied']),
    lawfulBasis: text('The basis that it stands on, e.g. `legitimate_interest`.'),
  },
  { required: ['decision', 'lawfulBasis'] },
);

const purpose: Schema = {
  type: ['string', 'object'],
  description: 'A title, or `{ title, regions, retention, traits }`.',
  minLength: 1,
  properties: {
    title: text('What people are told.'),
    regions: {
      ...mapOf('Defaults by the person’s region; everywhere else no entry means no.', region, {
        type: 'string',
        pattern: patterns.region,
      }),
      default: {},
    },
    retention: duration(
      'A grant ends so long after it was given; then what proves a consent goes, and what was said of `traits`. That somebody said no never ends by it. At least 1d; left out: for good.',
    ),
    traits: listOf('Traits that are held for this purpose alone.', traitName, { default: [] }),
  },
  additionalProperties: false,
  required: ['title'],
};

export const purposesSection: Schema = {
  ...mapOf(
    'What data may be used for. Nobody is reached for a purpose without a live grant.',
    purpose,
    name,
  ),
  default: {},
};

export const consentSection: Schema = section(
  'How signals become consent.',
  {
    gpcDenies: listOf('Purposes that a Global Privacy Control signal denies.', name, {
      default: [],
    }),
    regionTrait: {
      ...traitName,
      description:
        'Trait that holds a person’s region. Where a purpose has regions it is kept, declared or not, however many others are said of her.',
      default: 'country',
    },
  },
  { default: {} },
);
