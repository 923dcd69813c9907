// Worlds that once broke the promise, each with the smallest arrival that did: they are tried first.
import { plainArrival, type Arrival } from './arrival.ts';
import { hour, minute, origin } from './moments.ts';
import type { Audience, Computed } from './rules.ts';
import { sharedName, type DecisionKind } from './vocabulary.ts';
import type { World, WorldRecord } from './world.ts';

type Told = Partial<WorldRecord> & Pick<WorldRecord, 'kind' | 'names'> & { readonly at: number };

function worldOf(...told: readonly Told[]): World {
  const records = told.map(({ at, ...record }, place): WorldRecord => ({
    id: `m${place}`,
    source: record.kind === 'decision' ? 'hub' : 'web',
    origin: 'server',
    trust: undefined,
    probability: undefined,
    receivedAt: origin + at * minute,
    timestamp: undefined,
    historical: undefined,
    previous: undefined,
    decision: undefined,
    upTo: undefined,
    traits: {},
    event: record.kind === 'track' ? 'Order' : '',
    properties: {},
    consents: [],
    gpc: false,
    ...record,
  }));
  return { records, audiences: [reachable], computed: [orders], looks: [origin + 2 * hour] };
}

const reachable: Audience = {
  name: 'reachable',
  title: 'Holds an address',
  rule: { kind: 'identifier', namespace: 'email' },
};

const orders: Computed = {
  name: 'orders',
  measure: {
    events: [{ type: 'track', name: undefined, where: [] }],
    window: { kind: 'ever' },
    aggregate: { kind: 'count' },
  },
};

/** One by one, resolved after each. */
const stepwise: Arrival = { ...plainArrival, resolved: Array.from({ length: 20 }, () => true) };

const [device, ada] = ['anonymous_id:a1', 'email:ada@shop.example'];
const [one, two] = ['user_id:u1', 'user_id:u2'];
const colour = (at: number, value: string): Told => ({
  kind: 'identify',
  names: [one],
  at,
  traits: { colour: value },
});

export const knownWorlds: readonly (readonly [name: string, world: World, arrival: Arrival])[] = [
  [
    'a rebuild forgot the profile of a device without owner',
    worldOf({ kind: 'track', names: [device], at: 0 }),
    stepwise,
  ],
  [
    'who lost a shared address by its erasure stayed in audiences',
    worldOf(
      { kind: 'track', names: [one, sharedName], at: 0 },
      { kind: 'delete', names: [sharedName], at: 10 },
    ),
    stepwise,
  ],
  [
    'whose device named a shared address in other hands stayed in audiences',
    worldOf(
      { kind: 'track', names: [one, device], at: 0 },
      { kind: 'track', names: [device, sharedName], at: 10 },
      { kind: 'track', names: [two, device], at: 20 },
      { kind: 'track', names: [device, sharedName], at: 30 },
    ),
    stepwise,
  ],
  [
    'who owned a device when it was erased kept what was counted of it',
    worldOf(
      { kind: 'track', names: [device], at: 0 },
      { kind: 'track', names: [one, device], at: 30 },
      { kind: 'delete', names: [device], at: 40, timestamp: origin + 10 * minute },
    ),
    stepwise,
  ],
  [
    'a late consent came back for an erased address beside a known person',
    worldOf(
      { kind: 'delete', names: [ada], at: 20 },
      {
        kind: 'consent',
        names: [one, ada],
        at: 30,
        timestamp: origin,
        consents: [consentTo('granted')],
      },
      { kind: 'track', names: [ada], at: 30 },
    ),
    stepwise,
  ],
  [
    'a denial for an address was lost with the erasure of the person it came with',
    worldOf(
      { kind: 'delete', names: [one], at: 20 },
      {
        kind: 'consent',
        names: [one, ada],
        at: 30,
        timestamp: origin,
        consents: [consentTo('denied')],
      },
      { kind: 'consent', names: [ada], at: 0, consents: [consentTo('granted')] },
    ),
    stepwise,
  ],
  [
    'a guess tied the consent of a device to another address',
    worldOf(
      { kind: 'track', names: [two, ada], at: 0, source: 'model' },
      { kind: 'track', names: ['crm_id:c1', two], at: 0, source: 'model' },
      { kind: 'track', names: ['crm_id:c1', device], at: 0 },
      { kind: 'consent', names: [device], at: 10, consents: [consentTo('granted')] },
    ),
    stepwise,
  ],
  [
    'a late erasure miscounted what was said after it',
    worldOf(
      colour(0, 'red'),
      colour(30, 'red'),
      colour(40, 'red'),
      colour(32, 'blue'),
      colour(34, 'blue'),
      {
        kind: 'delete',
        names: [one],
        at: 50,
        timestamp: origin + 20 * minute,
      },
    ),
    stepwise,
  ],
  [
    'what a device told of its owner stayed when it changed hands',
    worldOf(
      { kind: 'track', names: [one, device], at: 0 },
      { kind: 'identify', names: [device], at: 30, traits: { plan: 'red' } },
      { kind: 'track', names: [two, device], at: 40, timestamp: origin + 20 * minute },
    ),
    stepwise,
  ],
  [
    'a guess became a consent when whom it was about was erased',
    worldOf(
      {
        kind: 'consent',
        names: [one, device],
        at: 0,
        source: 'model',
        consents: [consentTo('granted')],
      },
      { kind: 'delete', names: [one], at: 10 },
    ),
    stepwise,
  ],
  [
    'a separation that arrived after its lifting would hold',
    worldOf(
      { kind: 'track', names: [one, ada], at: 0 },
      { ...decision('lift', one, ada), at: 20 },
      { ...decision('separate', ada, one), at: 10 },
    ),
    stepwise,
  ],
  [
    'what was decided of strangers would be forgotten',
    worldOf(
      { ...decision('separate', one, ada), at: 0 },
      { ...decision('merge', one, two), at: 0 },
      { ...decision('merge', 'crm_id:c1', two), at: 0 },
      { kind: 'track', names: [one, ada], at: 10 },
    ),
    stepwise,
  ],
  [
    'what was retracted would count when it is late, and a merge by hand for ever',
    worldOf(
      { ...decision('merge', two, ada), at: 0 },
      { ...decision('retract', ada, two), at: 20 },
      { ...decision('retract', one, ada), at: 20, upTo: origin + 10 * minute },
      { kind: 'track', names: [one, ada], at: 30, timestamp: origin + 10 * minute },
    ),
    stepwise,
  ],
  [
    'a decision about the erased would part who came back',
    worldOf(
      { ...decision('separate', one, ada), at: 0 },
      { kind: 'delete', names: [one], at: 10 },
      { kind: 'track', names: [one, ada], at: 20 },
    ),
    stepwise,
  ],
  [
    'a signal of a device would stop her whom it was before, once the device is erased',
    worldOf(
      { kind: 'consent', names: [one], at: 0, consents: [consentTo('granted', 'ads')] },
      { kind: 'alias', names: ['advertising_id:d1'], previous: one, at: 5, gpc: true },
      { kind: 'delete', names: ['advertising_id:d1'], at: 10 },
    ),
    stepwise,
  ],
];

function decision(kind: DecisionKind, left: string, right: string): Omit<Told, 'at'> {
  return { kind: 'decision', decision: kind, names: [left, right] };
}

function consentTo(
  status: 'granted' | 'denied',
  purpose = 'email_marketing',
): WorldRecord['consents'][number] {
  return { purpose, channel: undefined, status, expiresAt: undefined };
}
