// Rules and measures for editors: completion and hints while typing. Loading leaves them to their own
// parsers, which say more precisely what is wrong than alternatives of a schema can.
import { patterns, type Schema } from './parts.ts';

const scalar: Schema = { type: ['string', 'number', 'boolean'] };
const moment: Schema = { type: 'string', description: 'A time, ISO 8601 with zone.' };
const age: Schema = { type: 'string', pattern: patterns.duration };

const comparisonKeys: Readonly<Record<string, Schema>> = {
  is: { ...scalar, description: 'Equal to this; 1 is not "1".' },
  in: { type: 'array', items: scalar, description: 'Equal to one of these.' },
  exists: { type: 'boolean', description: 'Whether there is a value at all.' },
  atLeast: { type: 'number' },
  above: { type: 'number' },
  atMost: { type: 'number' },
  below: { type: 'number' },
  exactly: { type: 'number' },
  contains: { type: 'string', description: 'The text holds this text.' },
  startsWith: { type: 'string', description: 'The text begins with this text.' },
  includes: { ...scalar, description: 'The list holds this value.' },
  after: moment,
  before: moment,
  olderThan: { ...age, description: 'The time lies further back than this.' },
  newerThan: { ...age, description: 'The time lies less far back than this.' },
};

const eventNames: Schema = {
  type: ['string', 'array'],
  minLength: 1,
  minItems: 1,
  items: { type: 'string', minLength: 1 },
};

const selectorKeys: Readonly<Record<string, Schema>> = {
  event: { ...eventNames, description: 'Name of a track event, or several.' },
  page: { ...eventNames, description: 'Name of a page, or several.' },
  screen: { ...eventNames, description: 'Name of a screen, or several.' },
  where: {
    type: 'object',
    description: 'Property → what it must be; a bare value means `is`.',
    additionalProperties: { $ref: '#/$defs/propertyTest' },
  },
  within: { ...age, description: 'Only the last so much time, up to now.' },
  between: {
    type: 'array',
    description: 'From so long ago to so long ago, e.g. `[60m, 30m]`.',
    items: age,
    minItems: 2,
    maxItems: 2,
  },
  this: { enum: ['day', 'week', 'month', 'year'], description: 'Since its beginning.' },
  timeZone: { type: 'string', description: 'With `this`: e.g. `Europe/Berlin`.' },
};

const aggregated: Schema = {
  type: 'object',
  properties: { of: { type: 'string' }, ...comparisonKeys },
  required: ['of'],
};

const conditions: readonly Schema[] = [
  oneKey('all', { type: 'array', items: { $ref: '#/$defs/rule' } }, 'All of them hold.'),
  oneKey('any', { type: 'array', items: { $ref: '#/$defs/rule' } }, 'At least one of them holds.'),
  oneKey('not', { $ref: '#/$defs/rule' }, 'It does not hold.'),
  oneKey('audience', { type: 'string' }, 'Is a member of that audience.'),
  oneKey('has', { type: 'string' }, 'Holds an identifier of that namespace.'),
  compared('trait', 'A trait of the profile; dots go down.'),
  compared('computed', 'A computed trait.'),
  ...(['event', 'page', 'screen'] as const).map((kind) => ({
    type: 'object',
    description: 'Something that happened; at least once unless said otherwise.',
    properties: {
      ...selectorKeys,
      count: { type: ['number', 'object'], properties: comparisonKeys },
      ...Object.fromEntries(
        ['sum', 'average', 'min', 'max', 'distinct'].map((key) => [key, aggregated]),
      ),
      first: { type: 'object' },
      last: { type: 'object' },
    },
    required: [kind],
    additionalProperties: false,
  })),
];

function oneKey(key: string, value: Schema, description: string): Schema {
  return {
    type: 'object',
    description,
    properties: { [key]: value },
    required: [key],
    additionalProperties: false,
  };
}

function compared(key: string, description: string): Schema {
  return {
    type: 'object',
    description,
    properties: { [key]: { type: 'string' }, ...comparisonKeys },
    required: [key],
    additionalProperties: false,
  };
}

export const ruleDefinitions: Readonly<Record<string, Schema>> = {
  rule: {
    description: 'A condition, or several joined by `all`, `any` and `not`.',
    anyOf: conditions,
  },
  propertyTest: {
    anyOf: [scalar, { type: 'object', properties: comparisonKeys, additionalProperties: false }],
  },
  measure: {
    type: 'object',
    description:
      'A number or value taken over events: `count`, `sum`, `average`, `min`, `max`, `distinct`, `first`, `last` or `scores`.',
    properties: {
      ...selectorKeys,
      count: { const: true, description: 'How many.' },
      sum: { type: 'string', description: 'Of a property.' },
      average: { type: 'string', description: 'Of a property.' },
      min: { type: 'string', description: 'Of a property.' },
      max: { type: 'string', description: 'Of a property.' },
      distinct: { type: 'string', description: 'How many different values of a property.' },
      first: { type: 'string', description: '`time`, or a property, of the first event.' },
      last: { type: 'string', description: '`time`, or a property, of the last event.' },
      scores: {
        type: 'object',
        description: 'Event name → score; the sum counts.',
        additionalProperties: { type: 'number' },
      },
    },
    additionalProperties: false,
  },
};

/** For loading: anything, since the parsers judge. */
export const openDefinitions: Readonly<Record<string, Schema>> = { rule: {}, measure: {} };
