// `sources`: enabled source plugins.
import { trustLevels } from '@tributary/sdk';
import {
  choice,
  duration,
  flag,
  listOf,
  mapOf,
  name,
  patterns,
  section,
  text,
  type Schema,
} from './parts.ts';

const trust = section(
  'How much this source’s claims about identifiers are worth at most, by where a record came from.',
  {
    server: choice('Records sent with a secret.', trustLevels, { default: 'authenticated' }),
    client: choice('Records sent with a public key.', trustLevels, { default: 'declared' }),
  },
  { default: {} },
);

const consent = section(
  'How this source’s consent is read.',
  {
    categories: {
      ...mapOf(
        'Category in `context.consent.categoryPreferences` → purposes.',
        listOf('Purposes.', name),
        { type: 'string', minLength: 1 },
      ),
      default: {},
    },
    authenticatedConsent: flag(
      'True where people are logged in when they are asked: grants of this client-side source then cover the person, not only the device.',
      false,
    ),
  },
  { default: {} },
);

const trackingPlan = section(
  'What track events must look like.',
  {
    mode: choice(
      '`strict`: what is not in the plan, or not as planned, is quarantined. `lenient`: it is counted and let in.',
      ['strict', 'lenient'],
      { default: 'lenient' },
    ),
    events: mapOf(
      'Event name → JSON Schema of its properties.',
      { type: 'object', description: 'A JSON Schema, draft 2020-12.' },
      { type: 'string', minLength: 1 },
    ),
  },
  { required: ['events'] },
);

export const pluginKey: Schema = text(
  'The npm package, or a file beside this one that begins with `./` or `../`.',
);
export const settingsKey: Schema = {
  type: 'object',
  description: 'The plugin’s own settings; its documentation lists them.',
  default: {},
};

export const sourcesSection: Schema = {
  ...mapOf(
    'Where records come from. The key is the instance’s id: it stays with the data, so choose it to last.',
    section(
      'A source instance.',
      {
        plugin: pluginKey,
        settings: settingsKey,
        enabled: flag('False: kept in config and not run.', true),
        mount: {
          type: 'string',
          pattern: patterns.mount,
          description:
            'Where its HTTP paths begin; default the plugin’s own, else `/sources/<id>`.',
        },
        every: duration('How often a polling source is asked.', '5m'),
        trust,
        consent,
        trackingPlan,
        bringsBack: {
          type: 'boolean',
          description:
            'Whether somebody who was erased may come back by a live, authenticated record of this source. Default: true for sources that are sent records, false for those that are polled: what they read is another system’s copy, and may be older than the erasure.',
        },
        retention: duration(
          'What its records say goes so long after it happened: events, traits, context. Whom they name and what they say of consent stays. At least 1d; left out: for good.',
        ),
        historicalAfter: duration(
          'A record older than this when it arrives is history: it builds profiles and causes no action.',
          '24h',
        ),
      },
      { required: ['plugin'] },
    ),
    name,
  ),
  default: {},
};
