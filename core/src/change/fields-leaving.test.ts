// What a destination is told of a person, in words.
import { defineDestination } from '@tributary/sdk';
import { expect, test } from 'vitest';
import type { DestinationInstanceSettings } from '../delivery/settings.ts';
import { fieldsLeaving } from './fields-leaving.ts';

const plugin = defineDestination({
  name: 'mail',
  title: 'Mail',
  settings: { type: 'object', properties: {} },
  identifiers: ['email', 'phone'],
  channel: 'email',
  profiles: { upsert: () => Promise.resolve([]) },
});

const settings: DestinationInstanceSettings = {
  id: 'mail',
  plugin: 'mail',
  settings: {},
  purposes: ['news'],
  contactPoints: 'primary',
  audiences: [],
  profiles: undefined,
  events: undefined,
  actions: [],
  limits: {},
  guards: { maxRemovedShare: 0.3, maxAddedShare: 3, maxActionsPerHour: 10_000, floor: 50 },
  retry: { baseMs: 1, capMs: 1, maxAttempts: 1, maxRetryAfterMs: 1, breakerAfter: 1 },
  dryRun: false,
  enabled: true,
};
const addresses = ['identifier email (primary)', 'identifier phone (primary)'];
const tier = new Map([['tier', 'plan']]);

test.each<[string, Partial<DestinationInstanceSettings>, string[]]>([
  ['the addresses alone', {}, addresses],
  [
    'every address',
    { contactPoints: 'all' },
    ['identifier email (every)', 'identifier phone (every)'],
  ],
  [
    'a list with a trait',
    { audiences: [{ audience: 'readers', list: 'News', traits: tier }] },
    [...addresses, 'list News: members of readers', 'list News: trait plan as tier'],
  ],
  [
    'profiles',
    { profiles: { audience: undefined, traits: tier } },
    [...addresses, 'profiles', 'profiles: trait plan as tier'],
  ],
  [
    'an action',
    { actions: [{ action: 'mail', audience: 'new', parameters: {}, traits: tier, coolDownMs: 1 }] },
    ['action mail: trait plan as tier', 'action mail: who enters new', ...addresses],
  ],
  [
    'events by name, back-filled ones too',
    { events: { types: ['track', 'page'], names: new Set(['Order']), historical: true } },
    ['events: Order', 'events: back-filled events too', 'events: page events', ...addresses],
  ],
  [
    'every event',
    { events: { types: ['track'], names: undefined } },
    ['events: every track event', ...addresses],
  ],
  ['nothing while it is switched off', { enabled: false, contactPoints: 'all' }, []],
])('tells %s', (_title, change, fields) => {
  expect(fieldsLeaving({ ...settings, ...change }, plugin)).toEqual(fields);
});

test('nothing leaves for a destination that config does not name', () => {
  expect(fieldsLeaving(undefined, plugin)).toEqual([]);
  expect(fieldsLeaving(settings, undefined)).toEqual([]);
});
