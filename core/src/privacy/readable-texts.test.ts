import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readableTexts } from './readable-texts.ts';

const said = JSON.stringify({ email: 'ada@example.com', name: 'Jörg' });

it.each([
  ['as it is', Buffer.from(said)],
  ['in another encoding', Buffer.from(said, 'latin1')],
  ['by gzip', gzipSync(said)],
  ['by deflate', deflateSync(said)],
  ['by brotli', brotliCompressSync(said)],
  ['as a form', Buffer.from(new URLSearchParams({ email: 'ada@example.com' }).toString())],
])('an address is found in what came %s', async (_how, bytes) => {
  const texts = await readableTexts(bytes);
  expect(texts?.some((text) => text.includes('ada@example.com'))).toBe(true);
});

it('text that looks as if it were packed is read as it came, too', async () => {
  // By chance these unpack to something else.
  for (let length = 0; length < 400; length += 1) {
    const text = `${'{é'.repeat(length % 7)}{"n":"${'é'.repeat(length)}","mail":"ada@example.com"}`;
    const texts = await readableTexts(Buffer.from(text, 'latin1'));
    expect(texts?.some((one) => one.includes('ada@example.com'))).toBe(true);
  }
});

it('of what is packed and broken nobody can say who is in it', async () => {
  expect(await readableTexts(gzipSync(said).subarray(0, 20))).toBeUndefined();
});
