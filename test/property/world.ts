// Random worlds: a few people, addresses and devices, what sources say of them, rules over it, and the
// moments at which somebody looks. Few names, values and times, so that ties, conflicts and edges of
// windows are common.
import type { JsonObject, JsonValue, Trust } from '@tributary/sdk';
import fc from 'fast-check';
import { day, hour, minute, origin } from './moments.ts';
import { audiences, computedTraits, type Audience, type Computed } from './rules.ts';
import {
  devices,
  persons,
  purposes,
  sharedName,
  type DecisionKind,
  type SourceName,
} from './vocabulary.ts';

export interface WorldConsent {
  readonly purpose: string;
  /** Undefined: every channel. */
  readonly channel: string | undefined;
  readonly status: 'granted' | 'denied' | 'withdrawn';
  readonly expiresAt: number | undefined;
}

export type RecordKind =
  'identify' | 'track' | 'page' | 'alias' | 'consent' | 'delete' | 'decision';

/** What a source emits, and when it is received: the facts that no arrival may change. */
export interface WorldRecord {
  readonly kind: RecordKind;
  readonly id: string;
  readonly source: SourceName;
  readonly origin: 'client' | 'server';
  readonly trust: Trust | undefined;
  readonly probability: number | undefined;
  readonly receivedAt: number;
  /** Undefined: the time of receipt. */
  readonly timestamp: number | undefined;
  readonly historical: boolean | undefined;
  /** `namespace:value`. */
  readonly names: readonly string[];
  readonly previous: string | undefined;
  /** Of an operator, about the two names; it has no time but that of its receipt. */
  readonly decision: DecisionKind | undefined;
  /** Of a retraction; undefined: all that was observed until then. */
  readonly upTo: number | undefined;
  readonly traits: JsonObject;
  readonly event: string;
  readonly properties: JsonObject;
  readonly consents: readonly WorldConsent[];
  readonly gpc: boolean;
}

export interface World {
  readonly records: readonly WorldRecord[];
  readonly audiences: readonly Audience[];
  readonly computed: readonly Computed[];
  /** Moments to look at, in order. */
  readonly looks: readonly number[];
}

// Who -------------------------------------------------------------------------------------------

/** Some are seen more often, so that what is said of one meets what is said of another. */
const person = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...persons) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('user_id:u1', 'user_id:u2', 'email:ada@shop.example'),
  },
);
const device = fc.constantFrom(...devices);
const couple = fc.uniqueArray(person, { minLength: 2, maxLength: 2 });
const names = fc.oneof(
  { weight: 6, arbitrary: couple },
  { weight: 3, arbitrary: fc.tuple(person) },
  { weight: 7, arbitrary: fc.tuple(person, device) },
  { weight: 2, arbitrary: fc.tuple(device) },
  { weight: 2, arbitrary: fc.tuple(couple, device).map(([two, one]) => [...two, one]) },
  { weight: 1, arbitrary: fc.tuple(device, fc.constant(sharedName)) },
  { weight: 1, arbitrary: fc.tuple(person, fc.constant(sharedName)) },
);

// When ------------------------------------------------------------------------------------------

const moment = fc.integer({ min: 0, max: 4 }).map((step) => origin + step * 10 * minute);
const delay = fc.constantFrom(0, 0, 0, 10 * minute, hour, 30 * hour);
const times = fc
  .tuple(moment, delay, fc.boolean())
  .map(([at, late, stamped]) =>
    stamped || late > 0
      ? { timestamp: at, receivedAt: at + late }
      : { timestamp: undefined, receivedAt: at },
  );

// What ------------------------------------------------------------------------------------------

const word: fc.Arbitrary<JsonValue> = fc.constantFrom('red', 'blue', 'green');
const figure: fc.Arbitrary<JsonValue> = fc.constantFrom(0.1, 2, 10, 'ten');
const orDeleted = (value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> =>
  fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) });

const traits: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      plan: orDeleted(word),
      campaign: orDeleted(word),
      colour: orDeleted(word),
      tags: orDeleted(fc.oneof(word, fc.subarray(['red', 'blue', 'green', 7]))),
      best: orDeleted(figure),
      least: orDeleted(figure),
      tier: orDeleted(word),
      other: orDeleted(fc.constantFrom<JsonValue>(1, 'one', { a: 1 })),
      email: fc.constantFrom('Ada@Shop.Example', 'bob@shop.example', 'info@shop.example'),
    },
    { requiredKeys: [] },
  )
  .map((found) => ({ ...found }));

const properties: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      amount: fc.constantFrom<JsonValue>(0.1, 0.1, 0.2, 0.3, 0.7, 1, '0.1', null),
      item: fc.constantFrom<JsonValue>('tea', 'cup', 3, true),
    },
    { requiredKeys: [] },
  )
  .map((found) => ({ ...found }));

const consent: fc.Arbitrary<WorldConsent> = fc.record({
  purpose: fc.constantFrom(...purposes, 'email_marketing', 'email_marketing'),
  channel: fc.constantFrom(undefined, undefined, 'email', 'sms'),
  status: fc.constantFrom('granted', 'granted', 'granted', 'denied', 'withdrawn'),
  expiresAt: fc
    .constantFrom(undefined, undefined, undefined, 30 * minute, hour, 2 * day)
    .map((ms) => (ms === undefined ? ms : origin + ms)),
});

const consents = fc.array(consent, { minLength: 1, maxLength: 2 });

interface Saying {
  readonly kind: RecordKind;
  readonly names?: readonly string[];
  readonly previous?: string;
  readonly traits?: JsonObject;
  readonly event?: string;
  readonly properties?: JsonObject;
  readonly consents?: readonly WorldConsent[];
}

const event = fc.constantFrom('Order', 'Order', 'View');
const anyName = fc.oneof({ weight: 4, arbitrary: person }, { weight: 1, arbitrary: device });
const said: fc.Arbitrary<Saying> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('identify' as const), names, traits }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('track' as const), names, event, properties }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('page' as const), names, properties }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('consent' as const),
      names: fc.oneof(
        { weight: 3, arbitrary: names },
        { weight: 3, arbitrary: fc.tuple(person) },
        { weight: 1, arbitrary: fc.constant([sharedName]) },
      ),
      consents,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('alias' as const),
      names: fc.tuple(anyName),
      previous: anyName,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      names: fc.oneof(names, fc.tuple(person), fc.tuple(person), fc.constant([sharedName])),
    }),
  },
);

const provenance = fc.record({
  source: fc.constantFrom<SourceName>('web', 'web', 'web', 'app', 'app', 'crm', 'crm', 'model'),
  origin: fc.constantFrom(
    'server' as const,
    'server' as const,
    'server' as const,
    'client' as const,
  ),
  trust: fc.constantFrom<Trust | undefined>(undefined, undefined, undefined, 'declared'),
  probability: fc.constantFrom(undefined, 0.9),
  historical: fc.constantFrom(undefined, undefined, undefined, true, false),
  gpc: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 9),
});

const nothing = {
  traits: {},
  event: '',
  properties: {},
  consents: [],
  previous: undefined,
  decision: undefined,
  upTo: undefined,
};

const emitted = fc.tuple(said, times, provenance).map(([saying, when, from]) => ({
  ...nothing,
  names: [],
  ...saying,
  ...when,
  ...from,
}));

/** Often about the same two, so that one word meets another. */
const decided = fc
  .record({
    names: fc.oneof(
      { weight: 2, arbitrary: fc.constant(['user_id:u1', 'email:ada@shop.example']) },
      { weight: 1, arbitrary: couple },
    ),
    decision: fc.constantFrom<DecisionKind>('merge', 'separate', 'separate', 'lift', 'retract'),
    receivedAt: moment,
    upTo: fc.option(moment, { nil: undefined }),
  })
  .map((one) => ({
    ...nothing,
    kind: 'decision' as const,
    source: 'hub' as const,
    origin: 'server' as const,
    trust: undefined,
    probability: undefined,
    timestamp: undefined,
    historical: undefined,
    gpc: false,
    ...one,
  }));

const record = fc.oneof({ weight: 4, arbitrary: emitted }, { weight: 1, arbitrary: decided });

/** Looks are at round distances, and at the very edges of windows of what happened. */
const look = fc.oneof(
  fc.constantFrom(hour, 2 * hour, day, 3 * day).map((ms) => origin + ms),
  fc
    .tuple(moment, fc.constantFrom(30 * minute, hour, day), fc.constantFrom(-1, 0, 1))
    .map(([at, window, past]) => at + window + past),
);

const looks = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc
    .uniqueArray(look, { minLength, maxLength })
    .map((found) => found.toSorted((left, right) => left - right));

export const worlds: fc.Arbitrary<World> = worldsWith(looks(2, 3));
/** Looked at often. */
export const watchedWorlds: fc.Arbitrary<World> = worldsWith(looks(4, 6));

function worldsWith(looked: fc.Arbitrary<number[]>): fc.Arbitrary<World> {
  return fc.record({
    records: fc
      .array(record, { minLength: 8, maxLength: 16, size: 'max' })
      .map((found) => found.map((one, place) => ({ ...one, id: `m${place}` }))),
    audiences,
    computed: computedTraits,
    looks: looked,
  });
}
