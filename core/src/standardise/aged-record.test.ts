// What is left of a record that is older than data of its kind is kept, kind by kind; and once less is left
// of it, age takes no more.
import type { SourceRecord } from '@tributary/sdk';
import { expect, test } from 'vitest';
import { testKeys, testSettings, testSource } from '../../../test/support/settings.ts';
import { ageStored } from './aged-record.ts';
import type { StoredRecord } from './reduced-record.ts';

const web = testSource('web', {
  consent: { categories: new Map([['marketing', ['ads']]]), authenticatedConsent: false },
});
const settings = testSettings({ sources: new Map([['web', web]]) });
const header = {
  number: 1,
  source: 'web',
  messageHash: '00000000-0000-0000-0000-000000000001',
  receivedAt: 1_000,
  at: 1_000,
  historical: false,
};

function age(stored: StoredRecord, before: { source?: number; ads?: number }) {
  const horizons = {
    sources: new Map(before.source === undefined ? [] : [['web', before.source]]),
    purposes: new Map(before.ads === undefined ? [] : [['ads', before.ads]]),
  };
  return ageStored(stored, { header, settings, keys: testKeys, horizons });
}

const user = { namespace: 'user_id', value: 'u1' };
const email = { namespace: 'email', value: 'ada@shop.example' };
const proven = {
  purpose: 'ads',
  status: 'denied',
  evidence: { form: 1 },
  textVersion: 'v1',
} as const;
const bare = { purpose: 'ads', status: 'denied' } as const;

const cases: readonly [title: string, record: SourceRecord, rest: StoredRecord][] = [
  [
    'an event',
    { type: 'track', messageId: 'm', identifiers: [user], event: 'Order', context: { ip: '::1' } },
    { type: 'consent', messageId: 'm', identifiers: [user], consents: [] },
  ],
  [
    'who somebody is, with the address that a trait told',
    { type: 'identify', identifiers: [user], traits: { email: 'Ada@Shop.Example', plan: 'pro' } },
    { type: 'consent', identifiers: [user, email], consents: [] },
  ],
  [
    'an identifier that config has no name for, and what was said of a purpose that it knows no more',
    {
      type: 'track',
      event: 'Order',
      identifiers: [{ namespace: 'gone_id', value: 'g1' }, user],
      consents: [{ purpose: 'gone', status: 'denied' }],
    },
    {
      type: 'consent',
      identifiers: [user, { namespace: 'gone_id', value: 'g1' }],
      consents: [{ purpose: 'gone', status: 'denied' }],
    },
  ],
  [
    'an alias',
    { type: 'alias', identifiers: [user], previous: email, context: { ip: '::1' } },
    { type: 'alias', identifiers: [user], previous: email },
  ],
  [
    'a privacy signal, and how far the record is trusted',
    { type: 'page', identifiers: [user], trust: 'declared', context: { gpc: true, ip: '::1' } },
    {
      type: 'consent',
      identifiers: [user],
      trust: 'declared',
      context: { gpc: true },
      consents: [],
    },
  ],
  [
    'preferences, as what they amount to',
    {
      type: 'track',
      identifiers: [user],
      event: 'Segment Consent Preference Updated',
      context: { consent: { categoryPreferences: { marketing: false } } },
    },
    {
      type: 'consent',
      identifiers: [user],
      consents: [
        {
          purpose: 'ads',
          status: 'denied',
          evidence: { event: 'Segment Consent Preference Updated' },
        },
      ],
    },
  ],
];

test.each(cases)('of %s', (_title, record, rest) => {
  expect(age(record, { source: 2_000 })).toEqual(rest);
  expect(age(rest, { source: 2_000 })).toBeUndefined();
  expect(age(record, { source: 1_000 })).toBeUndefined();
});

test('what proves a no goes, and the no stays, even where somebody beside was erased', () => {
  const record: SourceRecord = { type: 'consent', identifiers: [user], consents: [proven] };
  expect(age(record, { ads: 2_000 })).toEqual({ ...record, consents: [bare] });
  const beside = {
    reduced: 'beside',
    identifiers: [user],
    origin: 'server',
    consents: [proven],
  } as const;
  expect(age(beside, { ads: 2_000 })).toEqual({ ...beside, consents: [bare] });
});

test('traits that are held for a purpose alone go, also where a client repeats them', () => {
  const ads = settings.consent.purposes.get('ads');
  if (ads === undefined) throw new Error('no such purpose');
  const purposes = new Map([['ads', { ...ads, traits: ['income'] }]]);
  const held = { ...settings, consent: { ...settings.consent, purposes } };
  const horizons = { sources: new Map<string, number>(), purposes: new Map([['ads', 2_000]]) };
  const ageHeld = (record: SourceRecord) =>
    ageStored(record, { header, settings: held, keys: testKeys, horizons });
  const [full, rest] = [{ income: 'high', plan: 'pro' }, { plan: 'pro' }];
  const identify: SourceRecord = { type: 'identify', identifiers: [user], traits: full };
  const track: SourceRecord = { type: 'track', identifiers: [user], event: 'Order' };
  for (const [record, left] of [
    [identify, { ...identify, traits: rest }],
    [
      { ...identify, context: { traits: full, ip: '::1' } },
      { ...identify, traits: rest, context: { traits: rest, ip: '::1' } },
    ],
    [
      { ...track, context: { traits: full } },
      { ...track, context: { traits: rest } },
    ],
  ] as const) {
    expect(ageHeld(record)).toEqual(left);
    expect(ageHeld(left)).toBeUndefined();
  }
});

test('an erasure and an operator’s word do not age', () => {
  expect(age({ type: 'delete', identifiers: [user] }, { source: 2_000 })).toBeUndefined();
  expect(age({ reduced: 'gone' }, { source: 2_000 })).toBeUndefined();
});
