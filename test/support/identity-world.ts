// Small worlds of people, addresses and devices for tests of identity, and what a reader of the
// store sees of them: free of interned ids, log numbers and everything else that arrival decides.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { RecordType } from '@tributary/sdk';
import type { IdentitySettings, NamespaceSettings } from '../../core/src/identity/settings.ts';
import type { DecisionKind } from '../../core/src/standardise/decision-record.ts';
import { byStrength } from '../../core/src/standardise/identifiers.ts';
import { toUuid } from '../../core/src/standardise/keys.ts';
import type {
  StandardIdentifier,
  StandardRecord,
  TrustRank,
} from '../../core/src/standardise/standard-record.ts';
import { testKeys, testNamespace } from './settings.ts';

export interface Said {
  readonly type?: RecordType;
  /** It is a decision of an operator about two names, of persons. */
  readonly decision?: DecisionKind;
  /** Of a retraction. */
  readonly upTo?: number;
  /** `namespace:value`, in any order. */
  readonly names: readonly string[];
  readonly previous?: string;
  readonly at: number;
  readonly trust?: TrustRank;
  readonly probability?: number;
  /** Default: made of everything else, so that saying the same twice is a duplicate. */
  readonly message?: string;
}

export type World = readonly Said[];

export function identitySettings(spaces: readonly NamespaceSettings[]): IdentitySettings {
  return { namespaces: new Map(spaces.map((space) => [space.name, space])) };
}

/** Two limited namespaces, small fan-out, devices, a shared address: limits bite early. */
export const tightSettings: IdentitySettings = identitySettings([
  testNamespace('user', 0, { limit: 1 }),
  testNamespace('card', 1, { limit: 2, fanOut: 2 }),
  testNamespace('email', 2, { fanOut: 2, contactPoint: true, shared: new Set(['info']) }),
  testNamespace('cookie', 3, { kind: 'device' }),
  testNamespace('phone', 4, { kind: 'device' }),
]);

export function recordOf(said: Said, number: number, settings: IdentitySettings): StandardRecord {
  const named = said.names.map((name) => identifierOf(name, settings)).sort(byStrength);
  const message = said.message ?? JSON.stringify(said);
  const identifiers = named.filter(({ kind }) => kind !== 'contact');
  return {
    number,
    source: 'test',
    messageHash: toUuid(createHash('sha256').update(message).digest('hex')),
    type: said.decision === undefined ? (said.type ?? 'track') : 'decision',
    at: said.at,
    receivedAt: said.at,
    origin: 'server',
    trust: said.trust ?? (said.decision === undefined ? 1 : 0),
    probability: said.probability ?? 1,
    historical: false,
    identifiers,
    contacts: named.filter(({ kind }) => kind === 'contact'),
    subject: said.decision === undefined ? identifiers[0] : undefined,
    previous: said.previous === undefined ? undefined : identifierOf(said.previous, settings),
    traits: {},
    name: '',
    properties: {},
    context: {},
    integrations: {},
    consents: [],
    eventConsent: undefined,
    ...(said.decision !== undefined && {
      // As it is standardised: no retraction reaches beyond its own time.
      decision: {
        kind: said.decision,
        upTo: Math.min(said.upTo ?? said.at, said.at),
        actor: 'test',
      },
    }),
  };
}

export function identifierOf(name: string, settings: IdentitySettings): StandardIdentifier {
  const split = name.indexOf(':');
  const namespace = name.slice(0, split);
  const value = name.slice(split + 1);
  const space = settings.namespaces.get(namespace);
  if (space === undefined) throw new Error(`no namespace ${namespace}`);
  return {
    namespace,
    value,
    hash: testKeys.identifierHash(namespace, value),
    kind: space.shared.has(value) ? 'contact' : space.kind,
    priority: space.priority,
  };
}

const persons = ['user:1', 'user:2', 'user:3', 'card:1', 'card:2', 'email:a', 'email:b', 'email:c'];
const others = ['cookie:x', 'cookie:y', 'phone:z', 'email:info'];

const said: fc.Arbitrary<Said> = fc.record({
  type: fc.oneof(
    { weight: 12, arbitrary: fc.constant<RecordType>('track') },
    { weight: 1, arbitrary: fc.constant<RecordType>('delete') },
  ),
  names: fc
    .tuple(
      fc.subarray(persons, { maxLength: 3 }),
      fc.subarray(others, { maxLength: 2 }),
      fc.constantFrom(...persons, ...others),
    )
    .map(([some, more, one]) => [...new Set([...some, ...more, one])]),
  at: fc.integer({ min: 0, max: 7 }).map((second) => second * 1_000),
  trust: fc.constantFrom<TrustRank>(1, 1, 1, 4, 4, 2, 5),
});

const alias: fc.Arbitrary<Said> = fc.record({
  type: fc.constant<RecordType>('alias'),
  names: fc.constantFrom(...persons, 'cookie:x').map((name) => [name]),
  previous: fc.constantFrom(...persons, 'cookie:x', 'cookie:y'),
  at: fc.integer({ min: 0, max: 7 }).map((second) => second * 1_000),
  trust: fc.constantFrom<TrustRank>(0, 1, 4),
});

const withProbability = (one: Said): Said =>
  one.trust === 5 ? { ...one, probability: 0.5 + one.at / 20_000 } : one;

/** Some of everything. */
const mixed: fc.Arbitrary<World> = fc.array(
  fc.oneof({ weight: 8, arbitrary: said }, { weight: 1, arbitrary: alias }).map(withProbability),
  { minLength: 1, maxLength: 14 },
);

/** Few identifiers, many claims to the same: pairs are rejected, strengthened, crowded out, erased. */
const quarrel: fc.Arbitrary<World> = fc.array(
  fc.record({
    type: fc.oneof(
      { weight: 20, arbitrary: fc.constant<RecordType>('track') },
      { weight: 1, arbitrary: fc.constant<RecordType>('delete') },
    ),
    names: fc
      .tuple(
        fc.constantFrom('user:1', 'user:2', 'card:1', 'card:2'),
        fc.constantFrom('email:a', 'email:b', 'card:3'),
        fc.constantFrom([], [], ['cookie:x']),
      )
      .map(([one, other, device]) => [one, other, ...device]),
    at: fc.integer({ min: 0, max: 5 }).map((second) => second * 1_000),
    trust: fc.constantFrom<TrustRank>(1, 1, 1, 4),
  }),
  { minLength: 4, maxLength: 24 },
);

/** Many claim one address, which keeps few of its pairs; some fall out by erasure. */
const crowd: fc.Arbitrary<World> = fc.array(
  fc.oneof(
    {
      weight: 7,
      arbitrary: fc.record({
        type: fc.constant<RecordType>('track'),
        names: fc
          .tuple(
            fc.constantFrom('card:1', 'card:2', 'card:3', 'card:4', 'card:5'),
            fc.constantFrom('email:a', 'email:a', 'email:b', 'email:c'),
          )
          .map((names): readonly string[] => names),
        at: fc.integer({ min: 0, max: 9 }).map((second) => second * 1_000),
        trust: fc.constantFrom<TrustRank>(1, 1, 4),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant<RecordType>('delete'),
        names: fc.constantFrom(['card:1'], ['card:2'], ['card:3'], ['email:a']),
        at: fc.integer({ min: 2, max: 9 }).map((second) => second * 1_000),
      }),
    },
  ),
  { minLength: 4, maxLength: 24 },
);

/** Strong old claims and weak new ones, of which an erasure takes the old. */
const fading: fc.Arbitrary<World> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        names: fc.constantFrom(
          ['card:1', 'email:a'],
          ['card:1', 'email:a'],
          ['card:2', 'email:a'],
          ['user:1', 'card:1', 'email:a'],
        ),
        at: fc.integer({ min: 0, max: 5 }).map((second) => second * 1_000),
        trust: fc.constantFrom<TrustRank>(1, 2, 3, 4),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant<RecordType>('delete'),
        names: fc.constantFrom(['card:1'], ['email:a']),
        at: fc.integer({ min: 0, max: 4 }).map((second) => second * 1_000),
      }),
    },
  ),
  { minLength: 4, maxLength: 12 },
);

const couple = fc.constantFrom(
  ['card:1', 'email:a'],
  ['card:2', 'email:a'],
  ['card:1', 'card:2'],
  ['email:a', 'email:b'],
  ['user:1', 'card:1'],
);
const moment = fc.integer({ min: 0, max: 5 }).map((second) => second * 1_000);

/** Operators join, part and take back what sources claim, and somebody is erased in between. */
const decided: fc.Arbitrary<World> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        names: couple,
        at: moment,
        trust: fc.constantFrom<TrustRank>(1, 1, 3, 4),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record(
        {
          decision: fc.constantFrom<DecisionKind>('merge', 'separate', 'lift', 'retract'),
          names: couple,
          at: moment,
          upTo: moment,
        },
        { requiredKeys: ['decision', 'names', 'at'] },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant<RecordType>('delete'),
        names: fc.constantFrom(['card:1'], ['email:a']),
        at: moment,
      }),
    },
  ),
  { minLength: 3, maxLength: 14 },
);

export const worlds: fc.Arbitrary<World> = fc.oneof(mixed, quarrel, crowd, fading, decided);

/** How a world arrives: its order, what arrives twice, and where one batch ends. */
export interface Arrival {
  readonly order: readonly number[];
  readonly twice: readonly number[];
  readonly ends: readonly number[];
}

export const arrivals: fc.Arbitrary<Arrival> = fc.record({
  order: fc.array(fc.nat(), { minLength: 28, maxLength: 28 }),
  twice: fc.array(fc.nat(), { maxLength: 3 }),
  ends: fc.array(fc.nat(), { maxLength: 9 }),
});

/** The world's records in batches, numbered as they arrive. */
export function arrange(
  world: World,
  arrival: Arrival,
  settings: IdentitySettings,
): StandardRecord[][] {
  const doubled = [
    ...world,
    ...arrival.twice.flatMap((place) => world[place % world.length] ?? []),
  ];
  const keyed = doubled.map((one, place) => ({ one, key: arrival.order[place] ?? place }));
  const records = keyed
    .toSorted((left, right) => left.key - right.key)
    .map(({ one }, place) => recordOf(one, place + 1, settings));
  const ends = new Set(arrival.ends.map((end) => end % (records.length + 1)));
  const batches: StandardRecord[][] = [[]];
  for (const [place, record] of records.entries()) {
    if (ends.has(place)) batches.push([]);
    batches.at(-1)?.push(record);
  }
  return batches.filter((batch) => batch.length > 0);
}
