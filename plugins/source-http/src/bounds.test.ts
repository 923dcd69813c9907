// What is too large, too deep, cut or no JSON: a 4xx that says so, kept where the sender is known.
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { answerOf, basic, clientKey, codeOf, recordsOf, send, serverKey } from './fixtures/send.ts';
import { maxBodyBytes } from './read-body.ts';
import { maxBatch } from './to-answer.ts';

const gzipped = { 'content-encoding': 'gzip' };
const message = (event: string): object => ({ type: 'track', event, userId: 'u' });
const batchOf = (count: number): object => ({
  batch: Array.from({ length: count }, (_, place) => message(`E${place}`)),
});

/** A batch whose JSON has exactly so many bytes. */
function batchOfBytes(bytes: number): string {
  const empty = JSON.stringify({ batch: [message('')] });
  return JSON.stringify({ batch: [message('x'.repeat(bytes - empty.length))] });
}

const cases = [
  {
    what: 'a gzip bomb',
    code: 'BODY_TOO_LARGE',
    headers: gzipped,
    body: gzipSync(Buffer.alloc(1e8)),
  },
  {
    what: 'a byte more than a batch may have',
    code: 'BODY_TOO_LARGE',
    headers: {},
    body: batchOfBytes(maxBodyBytes + 1),
  },
  {
    what: 'the same, compressed',
    code: 'BODY_TOO_LARGE',
    headers: gzipped,
    body: gzipSync(batchOfBytes(maxBodyBytes + 1)),
  },
  {
    what: 'half a gzip stream',
    code: 'BODY_NOT_COMPRESSED',
    headers: gzipped,
    body: gzipSync(batchOfBytes(5_000)).subarray(0, 30),
  },
  { what: 'JSON said to be gzip', code: 'BODY_NOT_COMPRESSED', headers: gzipped, body: '{}' },
  {
    what: 'an encoding of the future',
    code: 'BODY_ENCODING_UNKNOWN',
    headers: { 'content-encoding': 'zstd' },
    body: '{}',
  },
  { what: 'nothing', code: 'BODY_NOT_JSON', headers: {}, body: '' },
  { what: 'half of JSON', code: 'BODY_NOT_JSON', headers: {}, body: '{"batch":[' },
  { what: 'a form', code: 'BODY_NOT_JSON', headers: {}, body: 'userId=1&event=E' },
  { what: 'a list', code: 'BODY_NOT_JSON', headers: {}, body: '[]' },
  {
    what: 'no UTF-8',
    code: 'BODY_NOT_JSON',
    headers: {},
    body: Buffer.from('{"a":"\xff"}', 'latin1'),
  },
  {
    what: 'an abyss',
    code: 'BODY_TOO_DEEP',
    headers: {},
    body: `{"batch":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
  },
  { what: 'a batch without a list', code: 'BATCH_INVALID', headers: {}, body: { batch: {} } },
  {
    what: 'a message more than a batch may have',
    code: 'BATCH_INVALID',
    headers: {},
    body: batchOf(maxBatch + 1),
  },
];

it.each(cases)('$what: 400 $code, and kept', async ({ code, headers, body }) => {
  const answer = await send({ headers: { ...basic(clientKey), ...headers }, body });
  expect(answer).toMatchObject({ unreadable: { code } });
  expect(answerOf(answer).status).toBe(400);
  expect(codeOf(answerOf(answer))).toBe(code);
});

it.each(cases.filter(({ code }) => code.startsWith('BODY')))(
  '$what without a key in the header: refused, and not kept',
  async ({ headers, body }) => {
    const answer = await send({ headers, body });
    expect(answer).not.toHaveProperty('unreadable');
    expect([400, 401]).toContain(answerOf(answer).status);
  },
);

it('takes as much as the protocol allows', async () => {
  expect(recordsOf(await send({ body: batchOf(maxBatch) }))).toHaveLength(maxBatch);
  expect(recordsOf(await send({ body: batchOfBytes(maxBodyBytes) }))).toHaveLength(1);
});

const tooLarge = {
  accepted: 0,
  duplicates: 0,
  quarantined: [{ index: 0, code: 'RECORD_TOO_LARGE', message: 'RECORD_TOO_LARGE: record: …' }],
};

it('answers 400 to a single message that is too large', async () => {
  const answer = await send({ path: '/v1/track', body: message('E') });
  expect(answerOf(answer, tooLarge).status).toBe(400);
  expect(codeOf(answerOf(answer, tooLarge))).toBe('RECORD_TOO_LARGE');
});

it('lets one message of a batch decide nothing for the others', async () => {
  expect(answerOf(await send({ body: batchOf(2) }), tooLarge).status).toBe(200);
});

it('answers 200 to what an operator can mend and a client cannot', async () => {
  const quarantined = [{ index: 0, code: 'RECORD_UNKNOWN_NAMESPACE', message: '…' }];
  const answer = await send({ path: '/v1/track', headers: basic(serverKey), body: message('E') });
  expect(answerOf(answer, { ...tooLarge, quarantined }).status).toBe(200);
});
