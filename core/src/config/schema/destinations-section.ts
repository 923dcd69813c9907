// `destinations`: enabled destination plugins, and what they are sent.
import {
  choice,
  duration,
  flag,
  listOf,
  mapOf,
  name,
  section,
  size,
  text,
  traitName,
  whole,
  type Schema,
} from './parts.ts';
import { pluginKey, settingsKey } from './sources-section.ts';

const traits: Schema = {
  ...mapOf('The vendor’s field → trait or computed trait of ours.', traitName, {
    type: 'string',
    minLength: 1,
  }),
  default: {},
};

const audience = section(
  'An audience that is kept in step with a list of the vendor.',
  {
    audience: { ...name, description: 'Audience of this config.' },
    list: text('The vendor’s list, by name or id as the plugin says.'),
    traits,
  },
  { required: ['audience', 'list'] },
);

const profiles: Schema = {
  type: ['boolean', 'object'],
  description: 'Keep the vendor’s copy of people in step: `true`, or of whom and with what.',
  default: false,
  properties: {
    audience: { ...name, description: 'Only members of this audience.' },
    traits,
  },
  additionalProperties: false,
};

const events: Schema = {
  type: ['boolean', 'object'],
  description: 'Forward events as they happen: `true` for all track events, or which.',
  default: false,
  properties: {
    types: listOf(
      'Types of record.',
      { type: 'string', enum: ['track', 'page', 'screen', 'identify', 'group'] },
      { default: ['track'], minItems: 1 },
    ),
    names: listOf('Names of track events; left out: all.', text('A name.'), { minItems: 1 }),
  },
  additionalProperties: false,
};

const action = section(
  'Something that happens once when a person enters an audience.',
  {
    action: text('The plugin’s word for it, e.g. `mail`.'),
    audience: { ...name, description: 'Runs when a contact point enters this audience.' },
    parameters: {
      type: 'object',
      description: 'What the action needs; the plugin’s documentation lists it.',
      default: {},
    },
    traits,
    coolDown: duration('At most once per contact point in so much time.', '24h'),
  },
  { required: ['action', 'audience'] },
);

const limits = section(
  'Tighter bounds than the plugin’s own.',
  {
    batchRecords: whole('Most deliveries in one call.', 1, 100_000),
    batchSize: size('Most JSON in one call.'),
    concurrency: whole('Calls at the same time.', 1, 100),
    callsPerSecond: { type: 'number', description: 'Calls in a second.', exclusiveMinimum: 0 },
    timeout: duration('A call is given up after this.'),
    pollAfter: duration('First question about a job after this.'),
  },
  { default: {} },
);

const share = (description: string, maximum: number, byDefault: number): Schema => ({
  type: 'number',
  description,
  minimum: 0,
  maximum,
  default: byDefault,
});

const guards = section(
  'What looks like an accident stops the instance, which then asks. Shares are of the list as it stands.',
  {
    maxRemovedShare: share('Most of a list that may be removed at once.', 1, 0.3),
    maxAddedShare: share('Most that may be added at once.', 1_000_000, 3),
    maxActionsPerHour: whole(
      'Most actions that wait or have left within an hour.',
      1,
      1_000_000_000,
      {
        default: 10_000,
      },
    ),
    floor: whole('Fewer changes than this are never stopped.', 0, 1_000_000, { default: 50 }),
  },
  { default: {} },
);

const retry = section(
  'What happens when the vendor fails. Waits grow from `base` to `cap`, at random below that.',
  {
    base: duration('First wait at most.', '1s'),
    cap: duration('Any wait at most.', '5m'),
    maxAttempts: whole('Attempts before a dead letter.', 1, 1_000, { default: 20 }),
    maxRetryAfter: duration('The most that a vendor’s `Retry-After` is believed.', '1h'),
    breakerAfter: whole('Failed calls in a row before the instance rests.', 1, 1_000, {
      default: 5,
    }),
  },
  { default: {} },
);

export const destinationsSection: Schema = {
  ...mapOf(
    'Where audiences, profiles, events and actions go. The key is the instance’s id: what was sent is remembered under it.',
    section(
      'A destination instance.',
      {
        plugin: pluginKey,
        settings: settingsKey,
        enabled: flag('False: kept in config and not run.', true),
        dryRun: flag('True: plans and checks consent, but sends nothing.', false),
        purposes: listOf('Purposes that must all be granted.', name, { minItems: 1 }),
        contactPoints: choice(
          'Which of a person’s addresses or numbers are sent.',
          ['primary', 'all'],
          { default: 'primary' },
        ),
        audiences: {
          type: 'array',
          description: 'Audiences that are kept in step with lists of the vendor.',
          items: audience,
          default: [],
        },
        profiles,
        events,
        actions: {
          type: 'array',
          description: 'What happens once when a person enters an audience.',
          items: action,
          default: [],
        },
        limits,
        guards,
        retry,
      },
      { required: ['plugin', 'purposes'] },
    ),
    name,
  ),
  default: {},
};
