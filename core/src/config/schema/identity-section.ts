// `identity`: which identifiers there are and how far they join people.
import { listOf, mapOf, name, patterns, section, traitName, whole, type Schema } from './parts.ts';

// No defaults here: what is left out of a built-in namespace keeps what is built in.
const namespace = section('A namespace of identifiers.', {
  kind: {
    type: 'string',
    enum: ['person', 'device'],
    description:
      '`person` identifiers join into one profile; a `device` joins nobody and has an owner at each time. Default `person`.',
  },
  limit: whole(
    'Most identifiers of this namespace in one person; left out: no limit.',
    1,
    1_000_000,
  ),
  fanOut: whole(
    'Most links that one identifier keeps with each other namespace; the strongest stay. Default 1,000.',
    1,
    100_000,
  ),
  fromTraits: listOf('Traits whose values are identifiers of this namespace.', traitName),
  normalise: {
    type: 'string',
    enum: ['email', 'phone', 'lowercase', 'none'],
    description: 'How values are brought into one form before they are compared. Default `none`.',
  },
  defaultCountry: {
    type: 'string',
    pattern: patterns.country,
    description: 'Country that a phone number without prefix is read in.',
  },
  contactPoint: {
    type: 'boolean',
    description: 'True when a value can be reached, as an address or a number can.',
  },
});

const values = (description: string): Schema =>
  mapOf(description, listOf('Values of this namespace.', { type: 'string', minLength: 1 }), name);

export const identitySection: Schema = section(
  'Which identifiers there are and how far they join people.',
  {
    namespaces: mapOf(
      'Namespaces beside the built-in ones (user_id, crm_id, email, phone, loyalty_card; devices: anonymous_id, advertising_id, push_token). A built-in name changes only the settings given here.',
      namespace,
      name,
    ),
    order: listOf(
      'Namespaces, the strongest first. What is left out follows: the built-in ones, then your own.',
      name,
    ),
    blocked: listOf(
      'Values that are ignored in every namespace, beside the built-in ones such as `null`, `undefined`, `0`, `anonymous` and `unknown`.',
      { type: 'string', minLength: 1 },
      { default: [] },
    ),
    shared: {
      ...values(
        'Values by namespace that several people use, e.g. `email: [info@example.com]`. They identify nobody and are held as contact points.',
      ),
      default: {},
    },
  },
  { default: {} },
);
