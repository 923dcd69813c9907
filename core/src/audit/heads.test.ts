// Signed heads: written outside, checked by somebody who has only the public key.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from '../store/embedded.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { appendAudit } from './append.ts';
import { loadHeadKey, parseHeadKey, parsePublicKey } from './head-key.ts';
import { createHeadWriter } from './heads.ts';
import { isSignedBy, loadSignedHead, parseHead } from './signed-head.ts';
import { verifyAudit } from './verify.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-heads-'));
  store = await openEmbeddedStore({ folder: 'memory:' });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function write(count: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, at) => ({
    kind: 'data.read' as const,
    at,
    actor: 'key:test',
  }));
  await store.transaction('background', (transaction) => appendAudit(transaction, entries));
}

/** Sleeps until the test lets time pass; who sleeps only after that sleeps no longer. */
function steppedClock(): { now(): number; sleep(): Promise<void>; step(): void } {
  let isOver = false;
  let wake = (): void => void (isOver = true);
  let abort = (): void => undefined;
  return {
    now: () => Date.UTC(2026, 4, 1),
    sleep: (_ms?: number, signal?: AbortSignal) =>
      new Promise((resolve, reject) => {
        if (isOver) resolve();
        isOver = false;
        wake = () => {
          wake = () => void (isOver = true);
          resolve();
        };
        abort = () => reject(new Error('aborted'));
        signal?.addEventListener('abort', abort);
      }),
    step: () => wake(),
  };
}

describe('the key', () => {
  it('is made once, for its owner alone', async () => {
    const file = join(folder, 'data', 'audit-key.pem');
    const [left, right] = await Promise.all([loadHeadKey(file), loadHeadKey(file)]);
    expect(left.id).toBe(right.id);
    expect((await loadHeadKey(file)).id).toBe(left.id);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'data'))).toEqual(['audit-key.pem']);
  });

  it('that is none is refused without being quoted', () => {
    expect(() => parseHeadKey('-----BEGIN SECRET', 'hub.audit.key')).toThrow(
      /^AUDIT_KEY_INVALID: hub.audit.key: found no readable key, expected an Ed25519 private key/,
    );
  });
});

describe('heads', () => {
  it('are written on a schedule and at the end, and prove the log to a stranger', async () => {
    const heads = join(folder, 'heads');
    const key = await loadHeadKey(join(folder, 'key.pem'));
    const clock = steppedClock();
    const log = { error: (message: string) => expect.unreachable(message) };
    const writer = createHeadWriter({ store, key, folder: heads, everyMs: 60_000, clock, log });
    await write(3);
    writer.start();
    await expect.poll(async () => (await readdir(heads).catch(() => [])).length).toBe(2);
    await write(2);
    clock.step();
    await expect.poll(async () => (await readdir(heads)).length).toBe(3);
    await write(1);
    await writer.stop();
    expect(await readdir(heads)).toEqual([
      'head-000000000003.json',
      'head-000000000005.json',
      'head-000000000006.json',
      `public-key-${key.id}.pem`,
    ]);

    const pem = await readFile(join(heads, `public-key-${key.id}.pem`), 'utf8');
    const publicKey = parsePublicKey(pem, 'heads');
    const loaded = await Promise.all(
      [3, 5, 6].map((size) =>
        loadSignedHead(join(heads, `head-00000000000${size}.json`), publicKey),
      ),
    );
    expect(await verifyAudit(store, { heads: loaded })).toMatchObject({ intact: true, size: 6 });
  });

  it('are never written over when the log was rewritten', async () => {
    const heads = join(folder, 'kept');
    const key = await loadHeadKey(join(folder, 'key.pem'));
    const errors: string[] = [];
    const options = {
      store,
      key,
      folder: heads,
      everyMs: 1,
      clock: steppedClock(),
      log: {
        error: (_: string, fields?: { reason?: unknown }) => errors.push(String(fields?.reason)),
      },
    };
    await createHeadWriter(options).write();
    const [name = ''] = await readdir(heads);
    const before = await readFile(join(heads, name), 'utf8');
    await store.query(
      'background',
      dynamicStatement('test', "UPDATE audit_head SET chain = sha256('x')"),
    );
    await createHeadWriter(options).stop();
    expect(errors).toEqual([expect.stringMatching(/^AUDIT_REWRITTEN: .*head-000000000006.json/)]);
    expect(await readFile(join(heads, name), 'utf8')).toBe(before);
  });

  it.each([
    ['size', { size: 7 }],
    ['hash', { hash: 'ab'.repeat(32) }],
    ['time', { time: '2026-05-02T00:00:00.000Z' }],
  ])('with another %s are refused', async (_, change) => {
    const key = await loadHeadKey(join(folder, 'key.pem'));
    const head = parseHead(
      await readFile(join(folder, 'heads', 'head-000000000006.json'), 'utf8'),
      'head',
    );
    expect(isSignedBy(head, key.publicKey)).toBe(true);
    const file = join(folder, 'forged.json');
    await writeFile(file, JSON.stringify({ ...head, ...change }));
    await expect(loadSignedHead(file, key.publicKey)).rejects.toThrow(/^AUDIT_HEAD_FORGED/);
  });

  it('of another key, and files that are none, are refused', async () => {
    const other = await loadHeadKey(join(folder, 'other.pem'));
    const file = join(folder, 'heads', 'head-000000000006.json');
    await expect(loadSignedHead(file, other.publicKey)).rejects.toThrow(/^AUDIT_HEAD_FORGED/);
    expect(() => parseHead('{}', 'x.json')).toThrow(/^AUDIT_HEAD_INVALID: x.json/);
  });
});
