import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideConsent, type ConsentEntryView, type ConsentQuestion } from './decide.ts';

const user = 1;
const email = 2;
const otherEmail = 3;
const device = 4;

const entry = (change: Partial<ConsentEntryView>): ConsentEntryView => {
  const identifierId = change.identifierId ?? user;
  return {
    identifierId,
    contactPoint: identifierId === email || identifierId === otherEmail,
    purpose: 'email_marketing',
    channel: '*',
    status: 'granted',
    effectiveAt: 10,
    expiresAt: undefined,
    grantCounts: true,
    ownDeviceOnly: false,
    number: 1,
    ...change,
  };
};

const question = (change: Partial<ConsentQuestion> = {}): ConsentQuestion => ({
  purpose: 'email_marketing',
  channel: 'email',
  identifierIds: [email],
  at: 100,
  regionDefault: undefined,
  ...change,
});

const us = { decision: 'granted', lawfulBasis: 'legitimate_interest' } as const;

describe('consent', () => {
  it.each<[string, ConsentEntryView[], Partial<ConsentQuestion>, boolean, string]>([
    ['no entry is no', [], {}, false, 'no_entry'],
    ['a grant is yes', [entry({})], {}, true, 'granted'],
    ['a grant for another purpose is no', [entry({ purpose: 'ads' })], {}, false, 'no_entry'],
    ['a grant for another channel is no', [entry({ channel: 'sms' })], {}, false, 'no_entry'],
    [
      'a later withdrawal counts',
      [entry({}), entry({ effectiveAt: 20, status: 'withdrawn' })],
      {},
      false,
      'withdrawn',
    ],
    [
      'a withdrawal that arrives late but happened before does not',
      [entry({ effectiveAt: 20 }), entry({ status: 'withdrawn' })],
      {},
      true,
      'granted',
    ],
    [
      'at the same time the stricter counts',
      [entry({}), entry({ status: 'denied' })],
      {},
      false,
      'denied',
    ],
    [
      'a denial on any identifier of the person beats a grant on another',
      [entry({ identifierId: email }), entry({ status: 'denied', effectiveAt: 1 })],
      {},
      false,
      'denied',
    ],
    [
      'an entry on another address concerns that address only',
      [
        entry({ identifierId: email }),
        entry({ identifierId: otherEmail, status: 'withdrawn', effectiveAt: 50 }),
      ],
      {},
      true,
      'granted',
    ],
    [
      'a grant on another address is none for this one',
      [entry({ identifierId: otherEmail })],
      {},
      false,
      'no_entry',
    ],
    ['an expired grant is no', [entry({ expiresAt: 100 })], {}, false, 'expired'],
    ['a grant counts up to its expiry', [entry({ expiresAt: 101 })], {}, true, 'granted'],
    [
      'a grant from the future does not count yet',
      [entry({ effectiveAt: 101 })],
      {},
      false,
      'no_entry',
    ],
    ['inference cannot grant', [entry({ grantCounts: false })], {}, false, 'no_entry'],
    [
      'inference can deny',
      [entry({ identifierId: email }), entry({ grantCounts: false, status: 'denied' })],
      {},
      false,
      'denied',
    ],
    [
      'a public key grants for its own device only',
      [entry({ identifierId: device, ownDeviceOnly: true })],
      {},
      false,
      'no_entry',
    ],
    [
      'a public key grants for its own device',
      [entry({ identifierId: device, ownDeviceOnly: true })],
      { identifierIds: [device] },
      true,
      'granted',
    ],
    ['a region may grant where nobody spoke', [], { regionDefault: us }, true, 'region_default'],
    [
      'a region never outweighs a denial',
      [entry({ status: 'denied' })],
      { regionDefault: us },
      false,
      'denied',
    ],
    [
      'a region never revives an expired grant',
      [entry({ expiresAt: 50 })],
      { regionDefault: us },
      false,
      'expired',
    ],
  ])('%s', (_title, entries, change, granted, reason) => {
    const decision = decideConsent(entries, question(change));
    expect({ granted: decision.granted, reason: decision.reason }).toEqual({ granted, reason });
  });

  it('says when time alone will change the answer', () => {
    const entries = [entry({ expiresAt: 150 }), entry({ identifierId: email, expiresAt: 120 })];
    expect(decideConsent(entries, question()).nextChangeAt).toBe(120);
    expect(decideConsent([entry({})], question()).nextChangeAt).toBe(Infinity);
  });
});

const anyEntry = fc
  .record({
    identifierId: fc.constantFrom(user, email, otherEmail, device),
    status: fc.constantFrom('granted', 'denied', 'withdrawn') as fc.Arbitrary<
      ConsentEntryView['status']
    >,
    channel: fc.constantFrom('*', 'email', 'sms'),
    effectiveAt: fc.integer({ min: 1, max: 6 }),
    expiresAt: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    grantCounts: fc.boolean(),
    ownDeviceOnly: fc.boolean(),
  })
  .map(entry);

describe('consent, for any ledger', () => {
  const asked = question({ at: 6 });

  it('does not depend on the order of the entries', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 8 }), (entries) => {
        const forward = decideConsent(entries, asked);
        const backward = decideConsent([...entries].reverse(), asked);
        expect(backward.granted).toBe(forward.granted);
        expect(backward.nextChangeAt).toBe(forward.nextChangeAt);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never gets more generous by a denial', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 8 }), (entries) => {
        const denial = entry({ status: 'denied', effectiveAt: 6, identifierId: email });
        expect(decideConsent([...entries, denial], asked).granted).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps its answer until the moment it names', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 8 }), (entries) => {
        const now = decideConsent(entries, asked);
        for (let at = 6; at < Math.min(now.nextChangeAt, 14); at += 1) {
          expect(decideConsent(entries, { ...asked, at }).granted).toBe(now.granted);
        }
      }),
      { numRuns: 500 },
    );
  });
});
