// What messages say, what they leave out, and what they must not be able to say.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordTypes, type SourceRecord } from '@tributary/sdk';
import { answerOf, basic, clientKey, recordsOf, send, serverKey } from './fixtures/send.ts';
import type { Settings } from './settings.ts';

async function mapped(
  message: unknown,
  key = serverKey,
  settings: Partial<Settings> = {},
  shared: object = {},
): Promise<readonly SourceRecord[]> {
  const body = { ...shared, batch: [message] };
  return recordsOf(await send({ headers: basic(key), body, settings }));
}

describe('ids', () => {
  const user = (value: string): object => ({ namespace: 'user_id', value });
  const forms = [
    { what: 'texts', message: { userId: 'u', anonymousId: 'a' }, found: 2 },
    { what: 'numbers', message: { userId: 7, anonymousId: 0 }, found: 2 },
    { what: 'null', message: { userId: null, anonymousId: 'a' }, found: 1 },
    { what: 'empty texts', message: { userId: '', anonymousId: ' ' }, found: 0 },
    { what: 'other things', message: { userId: {}, anonymousId: [1] }, found: 0 },
  ];
  it.each(forms)('$what: $found', async ({ message, found }) => {
    const [record] = await mapped({ type: 'identify', ...message });
    expect(record?.identifiers).toHaveLength(found);
  });

  it('numbers are the texts they look like', async () => {
    const [record] = await mapped({ type: 'track', event: 'E', userId: 42, messageId: 17 });
    expect(record).toMatchObject({ identifiers: [user('42')], messageId: '17' });
  });

  it('of other systems count where config names them', async () => {
    const externalIds = [
      { type: 'crm', id: 7 },
      { type: 'constructor', id: 8 },
      { type: 'crm', id: null },
      'crm',
    ];
    const message = { type: 'identify', userId: 'u', context: { externalIds } };
    const [record] = await mapped(message, serverKey, { externalIds: { crm: 'crm_id' } });
    expect(record?.identifiers).toEqual([user('u'), { namespace: 'crm_id', value: '7' }]);
    const [plain] = await mapped(message);
    expect(plain?.identifiers).toEqual([user('u')]);
  });

  it('never are more than the hub takes', async () => {
    const externalIds = Array.from({ length: 100 }, (_, id) => ({ type: 'crm', id }));
    const device = { advertisingId: 'x', token: 'y' };
    const message = { type: 'identify', userId: 'u', anonymousId: 'a' };
    const context = { externalIds, device };
    const settings = { externalIds: { crm: 'crm_id' } };
    const [record] = await mapped({ ...message, context }, serverKey, settings);
    expect(record?.identifiers).toHaveLength(20);
  });

  it('of advertising are left out where ad tracking is off', async () => {
    const device = { advertisingId: 'x', adTrackingEnabled: false };
    const [record] = await mapped({ type: 'identify', userId: 'u', context: { device } });
    expect(record?.identifiers).toEqual([user('u')]);
  });
});

describe('traits', () => {
  const context = { traits: { plan: 'free', city: 'Oslo' } };

  it('of an identify are those of its context and its own, which win', async () => {
    const message = { type: 'identify', userId: 'u', context };
    const [alone] = await mapped(message);
    expect(alone).toMatchObject({ traits: { plan: 'free', city: 'Oslo' }, context });
    const [both] = await mapped({ ...message, traits: { plan: 'team' } });
    expect(both).toMatchObject({ traits: { plan: 'team', city: 'Oslo' }, context });
  });

  it('that a batch states once are nobody’s', async () => {
    const [record] = await mapped({ type: 'identify', userId: 'u' }, serverKey, {}, { context });
    expect(record).toMatchObject({ traits: {} });
  });

  it.each(['track', 'page', 'screen', 'group'])('of a context are no news in %s', async (type) => {
    const [record] = await mapped({ type, userId: 'u', event: 'E', groupId: 'g', context });
    expect(record).not.toHaveProperty('traits');
  });

  it.each(['pro', 7, ['pro']])('%j is left to the hub to refuse', async (traits) => {
    const [record] = await mapped({ type: 'identify', userId: 'u', traits, context });
    expect(record).toMatchObject({ traits });
  });
});

describe('alias', () => {
  const uuid = '6b1a3c3e-5d0f-4a57-9d6f-2f1f0f6d7a10';
  const aliases = [
    { what: 'one’s own visitor', previousId: 'a', anonymousId: 'a', namespace: 'anonymous_id' },
    { what: 'somebody’s visitor', previousId: uuid, namespace: 'anonymous_id' },
    { what: 'a user', previousId: 'ada', anonymousId: 'a', namespace: 'user_id' },
    { what: 'a number', previousId: 7, namespace: 'user_id' },
  ];
  it.each(aliases)('of $what', async ({ what: _what, namespace, ...ids }) => {
    const [record] = await mapped({ type: 'alias', userId: 'u', ...ids });
    expect(record).toMatchObject({ previous: { namespace, value: String(ids.previousId) } });
  });

  it('is read as config says', async () => {
    const message = { type: 'alias', userId: 'u', previousId: uuid };
    const [record] = await mapped(message, serverKey, { aliasPreviousId: 'crm_id' });
    expect(record).toMatchObject({ previous: { namespace: 'crm_id', value: uuid } });
  });

  it.each([
    { userId: 'u1', previousId: 'u1' },
    { userId: 7, previousId: '7' },
  ])('of somebody with herself says nothing: $userId', async (ids) => {
    const answer = await send({ body: { batch: [{ type: 'alias', ...ids }] } });
    expect(recordsOf(answer)).toEqual([]);
    expect(answerOf(answer).status).toBe(200);
  });

  it.each([undefined, null, ''])(
    'of nobody (%s) is left to the hub to refuse',
    async (previousId) => {
      const [record] = await mapped({ type: 'alias', userId: 'u', previousId });
      expect(record).toMatchObject({ type: 'alias' });
      expect(record).not.toHaveProperty('previous');
    },
  );
});

describe('times', () => {
  const timesOf = async (message: object, shared: object = {}, retries = ''): Promise<object> => {
    const headers = { ...basic(serverKey), 'x-retry-count': retries };
    const body = { ...shared, batch: [{ type: 'identify', userId: 'u', ...message }] };
    const [record] = recordsOf(await send({ headers, body }));
    const { timestamp, sentAt, retryCount } = record ?? {};
    return { timestamp, sentAt, retryCount };
  };
  const [first, second, third] = [
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:01Z',
    1_767_225_602_000,
  ];

  it.each(['timestamp', 'originalTimestamp'])('the time of the call is %s', async (field) => {
    expect(await timesOf({ [field]: first })).toMatchObject({ timestamp: first });
    expect(await timesOf({ [field]: null })).toMatchObject({ timestamp: undefined });
    expect(await timesOf({ [field]: '' })).toMatchObject({ timestamp: undefined });
  });

  it('a message with both times needs no correction of its clock', async () => {
    const both = { timestamp: first, originalTimestamp: second };
    expect(await timesOf(both, { sentAt: third })).toEqual({ timestamp: first });
  });

  it('the time of sending is the batch’s, else the message’s', async () => {
    expect(await timesOf({ sentAt: first }, { sentAt: second })).toMatchObject({ sentAt: second });
    expect(await timesOf({ sentAt: first })).toMatchObject({ sentAt: first });
    expect(await timesOf({}, { sentAt: third })).toMatchObject({ sentAt: third });
  });

  it.each(['soon', {}, null, ''])('%j is no time of sending', async (sentAt) => {
    expect(await timesOf({}, { sentAt })).toMatchObject({ sentAt: undefined });
  });

  const counts = [
    { header: '2', retryCount: 2 },
    { header: '0', retryCount: undefined },
    { header: '-1', retryCount: undefined },
    { header: 'many', retryCount: undefined },
    { header: '1e9', retryCount: 1_000 },
  ];
  it.each(counts)('attempt $header', async ({ header, retryCount }) => {
    expect(await timesOf({}, {}, header)).toMatchObject({ retryCount });
  });
});

it('hands consent on as it was said', async () => {
  const consent = { categoryPreferences: { Advertising: false } };
  const shared = { context: { consent, locale: 'de' } };
  const [record] = await mapped({ type: 'track', event: 'E', userId: 'u' }, clientKey, {}, shared);
  expect(record?.context).toEqual({ consent, locale: 'de' });
});

it('notes the address of a connection only where it is asked to', async () => {
  const message = { type: 'track', event: 'E', userId: 'u' };
  const [silent] = await mapped(message);
  expect(silent?.context).not.toHaveProperty('ip');
  const [direct] = await mapped({ ...message, context: { direct: true } });
  expect(direct?.context).toMatchObject({ ip: '192.0.2.7' });
});

it('adds a message’s switches to those of its batch', async () => {
  const message = { type: 'identify', userId: 'u', integrations: { Mail: true } };
  const [record] = await mapped(message, serverKey, {}, { integrations: { All: false } });
  expect(record?.integrations).toEqual({ All: false, Mail: true });
});

it('gives the same message the same record, so that the hub drops the second', async () => {
  const message = { type: 'track', event: 'E', userId: 'u', messageId: 'm' };
  const records = recordsOf(await send({ body: { batch: [message, message] } }));
  expect(records).toHaveLength(2);
  expect(records[0]).toEqual(records[1]);
});

describe('what a public key cannot do', () => {
  const victim = [{ namespace: 'email', value: 'ada@example.com' }];
  const forged = { identifiers: victim, origin: 'server', trust: 'manual', historical: false };

  it.each(['delete', 'consent'])('%s anybody', async (type) => {
    const consents = [{ purpose: 'email_marketing', status: 'granted' }];
    const [record] = await mapped({ type, consents, ...forged }, clientKey);
    expect(record).toMatchObject({ type: `${type} (a server key is needed)` });
    expect(record).not.toHaveProperty('identifiers');
  });

  it('leave a secret in what is kept', async () => {
    const [record] = await mapped({ type: 'wish', writeKey: clientKey }, clientKey);
    expect(JSON.stringify(record)).not.toContain(clientKey);
  });

  it('speak in another’s name, whatever it sends', async () => {
    const type = fc.constantFrom(...recordTypes, 'wish', '__proto__', 'toString');
    const forgery = fc.record(
      { type, userId: fc.string(), context: fc.object(), traits: fc.object(), event: fc.string() },
      { requiredKeys: [] },
    );
    const messages = fc.array(
      fc.oneof(
        fc.jsonValue(),
        forgery.map((message) => ({ ...forged, ...message })),
      ),
    );
    await fc.assert(
      fc.asyncProperty(messages, async (batch) => {
        const records = recordsOf(await send({ headers: basic(clientKey), body: { batch } }));
        for (const record of records) {
          if (typeof record !== 'object' || record === null) continue;
          const isRecord = recordTypes.some((known) => known === record.type);
          expect(isRecord ? record.origin : 'client').toBe('client');
          expect(record).not.toHaveProperty('trust');
          expect(record.identifiers ?? []).not.toContainEqual(victim[0]);
          expect(isRecord && ['delete', 'consent'].includes(record.type)).toBe(false);
        }
      }),
    );
  });
});
