// Input that nobody should send, against a running hub: each row says how it is answered, what is kept aside
// and why, and how many records it made. A good record is sent beside each, and none of them is lost.
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBadInputHub, type Answer, type BadInputHub } from './bad-input/hub.ts';

let hub: BadInputHub;
let rows = 0;
let rssAtStart = 0;

beforeAll(async () => {
  hub = await startBadInputHub();
  await hub.good();
  await hub.settled();
  rssAtStart = process.memoryUsage.rss();
});
afterAll(() => hub.hub.stop());

interface Row {
  readonly what: string;
  send(this: void, hub: BadInputHub): Promise<Answer>;
  readonly answer: readonly [status: number, code?: string];
  /** Codes in quarantine. Default: nothing is kept. */
  readonly kept?: readonly string[];
  /** Records that were taken. Default: none. */
  readonly accepted?: number;
  /** What is then known of `user`. */
  readonly user?: string;
  readonly traits?: Readonly<Record<string, unknown>>;
}

const gzip = { 'content-encoding': 'gzip' };
const track = (more: object = {}): object => ({
  type: 'track',
  event: 'E',
  userId: 'bad',
  ...more,
});
const batch = (...messages: readonly object[]): string => JSON.stringify({ batch: messages });
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const many = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`t${place}`, place]));
const identify = (userId: string, traits: string): string =>
  `{"userId":"${userId}","traits":${traits}}`;

const bomb = gzipSync(Buffer.alloc(100_000_000));
const refused = ['RECORD_UNREADABLE'] as const;

const bodies: readonly Row[] = [
  {
    what: 'half a gzip stream',
    send: ({ web }) => web('batch', gzipSync(batch(track())).subarray(0, 40), gzip),
    answer: [400, 'BODY_NOT_COMPRESSED'],
    kept: refused,
  },
  {
    what: 'a gzip bomb of 100 MB',
    send: ({ web }) => web('batch', bomb, gzip),
    answer: [400, 'BODY_TOO_LARGE'],
    kept: refused,
  },
  {
    what: 'a gzip bomb in a webhook',
    send: ({ hook }) => hook(bomb, gzip),
    answer: [400, 'BODY_TOO_LARGE'],
    kept: refused,
  },
  {
    what: 'gzip within gzip',
    send: ({ web }) => web('batch', gzipSync(gzipSync(batch(track()))), gzip),
    answer: [400, 'BODY_NOT_JSON'],
    kept: refused,
  },
  {
    what: '10 MB',
    send: ({ web }) => web('batch', batch(track({ properties: { a: 'x'.repeat(10_000_000) } }))),
    answer: [413, 'BODY_TOO_LARGE'],
  },
  {
    what: 'a key of 10 MB',
    send: ({ hook }) => hook(`{"${'k'.repeat(10_000_000)}":1}`),
    answer: [413, 'BODY_TOO_LARGE'],
  },
  {
    what: 'nesting of 100,000 levels',
    send: ({ web }) => web('batch', `{"batch":[${nested(100_000)}]}`),
    answer: [400, 'BODY_TOO_DEEP'],
    kept: refused,
  },
  {
    what: 'nesting of 100,000 levels in a webhook',
    send: ({ hook }) => hook(nested(100_000)),
    answer: [400, 'BODY_TOO_DEEP'],
    kept: refused,
  },
  {
    what: 'no UTF-8',
    send: ({ web }) => web('batch', Buffer.from('{"batch":[{"userId":"\xff\xfe"}]}', 'latin1')),
    answer: [400, 'BODY_NOT_JSON'],
    kept: refused,
  },
  {
    what: 'no UTF-8 in a webhook',
    send: ({ hook }) => hook(Buffer.from('{"event":"\xc3\x28"}', 'latin1')),
    answer: [400, 'BODY_NOT_JSON'],
    kept: refused,
  },
  {
    what: 'nothing',
    send: ({ web }) => web('batch', ''),
    answer: [400, 'BODY_NOT_JSON'],
    kept: refused,
  },
  {
    what: 'a form',
    send: ({ web }) => web('track', 'userId=1&event=E'),
    answer: [400, 'BODY_NOT_JSON'],
    kept: refused,
  },
  {
    what: 'NaN, which is no JSON',
    send: ({ web }) => web('track', '{"userId":"bad","event":"E","properties":{"a":NaN}}'),
    answer: [400, 'BODY_NOT_JSON'],
    kept: refused,
  },
  {
    what: 'a wrong key',
    send: ({ web }) => web('track', '{}', { authorization: `Basic ${btoa('wrong:')}` }),
    answer: [401, 'WRITE_KEY_UNKNOWN'],
  },
  {
    what: 'an unsigned webhook',
    send: ({ hook }) => hook('{}', { 'x-hub-signature-256': '' }),
    answer: [401, 'SIGNATURE_REFUSED'],
  },
];

const records: readonly Row[] = [
  {
    what: 'members of other types',
    send: ({ web }) =>
      web(
        'batch',
        batch(
          track({ event: 7 }),
          track({ properties: 'text' }),
          track({ userId: { id: 1 } }),
          { type: 'identify', userId: 'bad', traits: [1, 2] },
          { type: ['track'], event: 'E', userId: 'bad' },
        ),
      ),
    answer: [200],
    kept: [
      'RECORD_INVALID',
      'RECORD_INVALID',
      'RECORD_NO_IDENTIFIER',
      'RECORD_INVALID',
      'RECORD_INVALID',
    ],
  },
  {
    what: 'a NUL character and half a surrogate pair',
    send: ({ web }) =>
      web(
        'batch',
        '{"batch":[{"type":"track","event":"a\\u0000b","userId":"bad"},{"type":"identify","userId":"bad","traits":{"n\\ud800":1}}]}',
      ),
    answer: [200],
    kept: ['RECORD_UNSTORABLE', 'RECORD_UNSTORABLE'],
  },
  {
    what: 'a NUL character in a webhook',
    send: ({ hook }) => hook('{"event":"a\\u0000b","user":"bad"}'),
    answer: [200],
    kept: ['RECORD_UNSTORABLE'],
  },
  {
    what: '5,000 identifiers in one record',
    send: ({ web }) =>
      web(
        'track',
        JSON.stringify(
          track({
            context: {
              externalIds: Array.from({ length: 5_000 }, (_, id) => ({ type: 'crm', id })),
            },
          }),
        ),
      ),
    answer: [400, 'RECORD_TOO_LARGE'],
    kept: ['RECORD_TOO_LARGE'],
  },
  {
    what: '30,000 traits',
    send: ({ web }) => web('identify', identify('bad', JSON.stringify(many(30_000)))),
    answer: [200],
    kept: ['RECORD_TOO_MANY_TRAITS'],
  },
  {
    what: 'a trait more than a record may have',
    send: ({ web }) => web('identify', identify('bad', JSON.stringify(many(501)))),
    answer: [200],
    kept: ['RECORD_TOO_MANY_TRAITS'],
  },
  {
    what: 'clocks in 1970, 2100, 9999 and before time began',
    send: ({ web }) =>
      web(
        'batch',
        batch(
          ...['1970-01-01T00:00:00Z', '2100-01-01T00:00:00Z', 0, '9999-12-31T23:59:59Z', -1].map(
            (timestamp, index) => track({ timestamp, messageId: `clock-${index}` }),
          ),
        ),
      ),
    answer: [200],
    accepted: 3,
    kept: ['RECORD_TIME_UNREADABLE', 'RECORD_TIME_UNREADABLE'],
  },
  {
    what: 'times that are none',
    send: ({ web }) =>
      web(
        'batch',
        batch(track({ timestamp: 'soon' }), track({ timestamp: {} }), track({ timestamp: 1e300 })),
      ),
    answer: [200],
    kept: ['RECORD_TIME_UNREADABLE', 'RECORD_INVALID', 'RECORD_TIME_UNREADABLE'],
  },
  {
    what: 'a sentAt of 1970 and of 2100',
    send: ({ web }) =>
      web(
        'batch',
        JSON.stringify({
          sentAt: '1970-01-01T00:00:00Z',
          batch: [track({ messageId: 's1', timestamp: '2026-01-01T00:00:00Z' })],
        }),
      ),
    answer: [200],
    accepted: 1,
  },
  {
    what: 'the same member twice: the last counts',
    send: ({ web }) => web('identify', identify('bad-twice', '{"a":1,"a":2}')),
    answer: [200],
    accepted: 1,
    user: 'bad-twice',
    traits: { a: 2 },
  },
  {
    what: '__proto__ and constructor as traits are traits like others',
    send: ({ web }) =>
      web(
        'identify',
        identify(
          'bad-proto',
          '{"__proto__":{"polluted":1},"constructor":{"a":1},"toString":"x","a":1}',
        ),
      ),
    answer: [200],
    accepted: 1,
    user: 'bad-proto',
    traits: { ['__proto__']: { polluted: 1 }, constructor: { a: 1 }, toString: 'x', a: 1 },
  },
  {
    what: '__proto__ in place of a message',
    send: ({ web }) =>
      web(
        'batch',
        '{"__proto__":{"batch":[]},"batch":[{"__proto__":{"type":"track","event":"E","userId":"x"}}]}',
      ),
    answer: [200],
    kept: ['RECORD_INVALID'],
  },
  {
    what: 'a number that no computer holds, which would be written as null and delete the trait',
    send: ({ web }) => web('identify', identify('bad-number', '{"a":1e400}')),
    answer: [200],
    accepted: 1,
    user: 'bad-number',
    traits: { a: '1e400' },
  },
  {
    what: 'and in a webhook',
    send: ({ hook }) => hook('{"event":"E","user":1e400,"properties":{"total":-1e400}}'),
    answer: [200],
    accepted: 1,
    user: '1e400',
    traits: {},
  },
  {
    what: 'negative zero, very small and very large numbers',
    send: ({ web }) => web('identify', identify('bad-small', '{"a":-0,"d":1e-400,"total":1e308}')),
    answer: [200],
    accepted: 1,
    user: 'bad-small',
    traits: { a: 0, d: 0, total: 1e308 },
  },
  {
    what: 'ids that are numbers beyond what JSON tells apart: two people are not one',
    send: ({ web }) =>
      web(
        'batch',
        '{"batch":[{"type":"identify","userId":12345678901234567890,"traits":{"a":1}},{"type":"identify","userId":12345678901234567891,"traits":{"a":2}}]}',
      ),
    answer: [200],
    accepted: 2,
    user: '12345678901234567890',
    traits: { a: 1 },
  },
  {
    what: 'webhooks whose numbers differ beyond what JSON tells apart: no digit is lost',
    async send({ hook }) {
      await hook('{"event":"E","user":"bad-digits","properties":{"order":9007199254740993}}');
      return hook('{"event":"E","user":9007199254740993}');
    },
    answer: [200],
    accepted: 2,
    user: '9007199254740993',
    traits: {},
  },
  {
    what: 'a date as an object',
    send: ({ web }) => web('track', JSON.stringify(track({ timestamp: { $date: 1 } }))),
    answer: [200],
    kept: ['RECORD_INVALID'],
  },
  {
    what: 'empty texts',
    send: ({ web }) =>
      web(
        'batch',
        batch(track({ event: '' }), { type: 'identify', userId: '', traits: {} }, { type: '' }),
      ),
    answer: [200],
    kept: ['RECORD_INVALID', 'RECORD_NO_IDENTIFIER', 'RECORD_INVALID'],
  },
  {
    what: 'a very long namespace, from a mapping',
    send: ({ hook }) =>
      hook(JSON.stringify({ event: 'E', user: 'bad', namespace: 'n'.repeat(9_000) })),
    answer: [202, 'MAPPING_RESULT_INVALID'],
    kept: refused,
  },
  {
    what: '5,000 identifiers, from a mapping',
    send: ({ hook }) =>
      hook(JSON.stringify({ event: 'E', users: Array.from({ length: 5_000 }, String) })),
    answer: [202, 'MAPPING_RESULT_INVALID'],
    kept: refused,
  },
  {
    what: '500 identifiers, from a mapping',
    send: ({ hook }) =>
      hook(JSON.stringify({ event: 'E', users: Array.from({ length: 500 }, String) })),
    answer: [200],
    kept: ['RECORD_TOO_MANY_IDENTIFIERS'],
  },
  {
    what: 'a webhook of other types',
    send: ({ hook }) => hook('{"event":{"a":1},"user":[],"properties":7}'),
    answer: [202, 'MAPPING_RESULT_INVALID'],
    kept: refused,
  },
  {
    what: 'a very long id, name and message id',
    send: ({ web }) =>
      web(
        'batch',
        batch(
          track({ userId: 'u'.repeat(2_000) }),
          track({ event: 'e'.repeat(2_000) }),
          track({ messageId: 'm'.repeat(2_000) }),
        ),
      ),
    answer: [200],
    kept: ['RECORD_INVALID', 'RECORD_INVALID', 'RECORD_INVALID'],
  },
  {
    what: 'writing from right to left and characters without width in an address',
    send: ({ web }) =>
      web(
        'identify',
        identify(
          'bad-writing',
          '{"email":"a\\u200bda\\u202e@example.com","name":"\\u202eevil\\u2066"}',
        ),
      ),
    answer: [200],
    accepted: 1,
  },
];

it.each([...bodies, ...records])(
  '$what',
  async ({ send, answer, kept, accepted, user, traits }) => {
    rows += 1;
    const before = await hub.settled();
    const [bad, good] = await Promise.all([send(hub), hub.good()]);
    expect(good.status).toBe(200);
    const after = await hub.settled();
    expect({
      answer: [bad.status, ...(bad.code === undefined ? [] : [bad.code])],
      kept: after.kept.slice(before.kept.length),
      accepted: after.accepted - before.accepted - 1,
    }).toEqual({ answer, kept: kept ?? [], accepted: accepted ?? 0 });
    const known = user === undefined ? undefined : await hub.traitsOf(user);
    expect(known).toEqual(traits);
  },
);

it('has lost no good record, polluted nothing and kept its memory', async () => {
  await hub.settled();
  expect(await hub.eventsOf('good')).toBe(rows + 1);
  expect({}).not.toHaveProperty('polluted');
  // Bodies of 10 MB and a bomb of 100 MB went through; what is left of them is less than one of them.
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(100_000_000);
  expect(process.memoryUsage.rss() - rssAtStart).toBeLessThan(400_000_000);
});
