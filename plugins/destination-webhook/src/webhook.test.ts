import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { verifyWebhook, type DeliveryOutcome } from '@tributary/sdk';
import {
  createTestClock,
  createTestContext,
  startLoopbackVendor,
  type LoopbackVendor,
  type VendorReaction,
  type VendorRequest,
} from '@tributary/sdk/testing';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { ada, bob, changed, order, secret, visit } from './examples.ts';
import plugin from './index.ts';
import type { WebhookSettings } from './settings.ts';

const vendors: LoopbackVendor[] = [];
afterEach(async () => {
  await Promise.all(vendors.splice(0).map(async (vendor) => vendor.close()));
});

type React = (request: VendorRequest, index: number) => VendorReaction;

async function receiver(react: React = () => ({ status: 204 })): Promise<LoopbackVendor> {
  const vendor = await startLoopbackVendor(react);
  vendors.push(vendor);
  return vendor;
}

function callWith(vendor: LoopbackVendor, change: Partial<WebhookSettings> = {}) {
  const settings: WebhookSettings = {
    url: `${vendor.url}/hooks`,
    secrets: [secret],
    allowPrivate: ['127.0.0.1'],
    batch: false,
    batchSize: 100,
    timeoutMs: 1_000,
    ...change,
  };
  // The library that verifies goes by the real time.
  const clock = createTestClock({ now: Date.now() });
  return { ...createTestContext({ settings, clock }), connection: undefined };
}

const add = async (call: ReturnType<typeof callWith>, deliveries = [ada, bob]) =>
  plugin.audiences?.add({ ...call, list: 'vip', deliveries }) ?? [];
const kinds = (outcomes: readonly DeliveryOutcome[]): string[] =>
  outcomes.map(({ handle, outcome }) => `${handle} ${outcome.kind}`);
const only = ({ requests }: LoopbackVendor): VendorRequest => {
  const [request] = requests;
  if (!request || requests.length > 1) throw new Error(`${requests.length} requests were made`);
  return request;
};

describe('signatures', () => {
  it("are verified by the specification's own library", async () => {
    const vendor = await receiver();
    await add(callWith(vendor), [ada]);
    const { text, headers } = only(vendor);
    expect(new Webhook(secret).verify(text, { ...headers })).toMatchObject({
      type: 'audience.entered',
      data: { audience: 'vip', traits: { firstName: 'Ada' } },
    });
    expect(() => new Webhook(secret).verify(`${text} `, { ...headers })).toThrow(
      'No matching signature found',
    );
  });

  it('hold for the old secret and the new one while it is replaced', async () => {
    const vendor = await receiver();
    const next = `whsec_${randomBytes(24).toString('base64')}`;
    await add(callWith(vendor, { secrets: [next, secret] }), [ada]);
    const { text, headers } = only(vendor);
    for (const known of [next, secret]) {
      expect(new Webhook(known).verify(text, { ...headers })).toBeTruthy();
    }
  });

  it('can be made with a key whose public half is enough to verify', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const tail = (der: Buffer): string => der.subarray(-32).toString('base64');
    const vendor = await receiver();
    const call = callWith(vendor, {
      secrets: [`whsk_${tail(privateKey.export({ format: 'der', type: 'pkcs8' }))}`],
    });
    await add(call, [ada]);
    const { body, headers } = only(vendor);
    const known = `whpk_${tail(publicKey.export({ format: 'der', type: 'spki' }))}`;
    const check = { headers, rawBody: body, secrets: [known], now: call.clock.now() };
    expect(verifyWebhook(check)).toEqual({ ok: true });
  });
});

describe('the id of a message', () => {
  const idsOf = ({ requests }: LoopbackVendor): unknown[] =>
    requests.map(({ headers }) => headers['webhook-id']);

  it('stays the same when a change is sent again, whatever its handle', async () => {
    const vendor = await receiver();
    const call = callWith(vendor);
    await add(call, [ada]);
    await call.clock.advance(60_000);
    await add(call, [{ ...ada, handle: 'another' }]);
    expect(new Set(idsOf(vendor)).size).toBe(1);
  });

  it('differs between changes, though the hub knows them by one handle', async () => {
    const vendor = await receiver();
    const call = callWith(vendor);
    const named = (changeId: string) => ({ deliveries: [{ ...ada, changeId }] });
    await plugin.audiences?.add({ ...call, list: 'L1', ...named('enters L1') });
    await plugin.audiences?.add({ ...call, list: 'L2', ...named('enters L2') });
    await plugin.audiences?.remove?.({ ...call, list: 'L1', ...named('leaves L1') });
    await plugin.audiences?.add({ ...call, list: 'L1', ...named('enters L1 again') });
    for (const tier of ['silver', 'gold']) {
      const profile = { ...changed, handle: ada.handle, changeId: tier, next: { tier } };
      await plugin.profiles?.upsert({ ...call, deliveries: [profile] });
    }
    expect(new Set(idsOf(vendor)).size).toBe(6);
  });
});

describe('a receiver in trouble', () => {
  it('that has gone makes the instance pause, and loses nothing', async () => {
    const vendor = await receiver(() => ({ status: 410 }));
    await expect(add(callWith(vendor))).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringContaining('the receiver has gone') as string,
    });
    const missing = await receiver(() => ({ status: 404 }));
    await expect(add(callWith(missing))).rejects.toMatchObject({ kind: 'auth' });
  });

  it('is left alone for as long as it asks', async () => {
    const vendor = await receiver(() => ({ status: 429, headers: { 'retry-after': '90' } }));
    await expect(add(callWith(vendor), [ada])).rejects.toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 90_000,
    });
  });

  it('keeps what it took; the rest waits', async () => {
    const people = Array.from({ length: 30 }, (_, n) => ({
      ...ada,
      handle: `h${n}`,
      key: `k${n}`,
    }));
    const vendor = await receiver((_request, index) =>
      index < 5 ? { status: 200 } : { status: 429, headers: { 'retry-after': '7' } },
    );
    const outcomes = await add(callWith(vendor), people);
    const delivered = outcomes.filter(({ outcome }) => outcome.kind === 'delivered');
    const waiting = outcomes.filter(
      ({ outcome }) =>
        outcome.kind === 'retry' &&
        outcome.retryAfterMs === 7_000 &&
        outcome.because === 'rate_limited',
    );
    expect([delivered.length, waiting.length]).toEqual([5, 25]);
    expect(vendor.requests.length).toBeLessThan(10);
  });

  it('costs no attempt to what was held back', async () => {
    const people = Array.from({ length: 30 }, (_, n) => ({
      ...ada,
      handle: `h${n}`,
      key: `k${n}`,
    }));
    for (const status of [500, 503]) {
      const vendor = await receiver(() => ({ status }));
      const outcomes = await add(callWith(vendor), people);
      const held = outcomes.filter(
        ({ outcome }) => outcome.kind === 'retry' && outcome.because === 'not_sent',
      );
      expect(vendor.requests.length).toBeLessThan(10);
      expect(held).toHaveLength(people.length - vendor.requests.length);
    }
  });

  it('that may have taken a message leaves it in doubt', async () => {
    for (const status of [500, 502, 504]) {
      const vendor = await receiver(() => ({ status }));
      expect(kinds(await add(callWith(vendor), [ada]))).toEqual(['change-1 in_doubt']);
    }
    const silent = await receiver(() => 'hang');
    const call = callWith(silent, { timeoutMs: 100 });
    expect(kinds(await add(call, [ada]))).toEqual(['change-1 in_doubt']);
  });

  it('holds the later events of a lane back when an earlier one has not arrived', async () => {
    const vendor = await receiver(() => ({ status: 503 }));
    const call = callWith(vendor);
    const outcomes = await plugin.events?.forward({ ...call, deliveries: [order, visit] });
    expect(outcomes).toMatchObject([
      { handle: order.handle, outcome: { kind: 'retry', because: 'transient' } },
      { handle: visit.handle, outcome: { kind: 'retry', because: 'not_sent' } },
    ]);
    expect(vendor.requests.map(({ text }) => text.includes('order-7'))).toEqual([true]);
  });

  it('may answer at any length', async () => {
    const vendor = await receiver(() => ({ status: 422, body: 'no '.repeat(1_000_000) }));
    const [outcome] = await add(callWith(vendor), [ada]);
    expect(outcome?.outcome.kind).toBe('rejected');
    expect(JSON.stringify(outcome).length).toBeLessThan(500);
  });
});

describe('batches', () => {
  it('carry an id for each change', async () => {
    const vendor = await receiver();
    await add(callWith(vendor, { batch: true }));
    expect(only(vendor).json()).toMatchObject({
      type: 'batch',
      data: [
        { id: expect.stringMatching(/^msg_/) as string, type: 'audience.entered' },
        { id: expect.stringMatching(/^msg_/) as string, data: { key: 'user_id:42' } },
      ],
    });
  });

  it('lose no one to one bad change', async () => {
    const people = Array.from({ length: 20 }, (_, n) => ({
      ...ada,
      handle: `h${n}`,
      key: `k${n}`,
    }));
    const vendor = await receiver(({ text }) =>
      text.includes('"k13"') ? { status: 400, body: 'k13 is bad' } : { status: 200 },
    );
    const outcomes = await add(callWith(vendor, { batch: true }), people);
    const rejected = outcomes.filter(({ outcome }) => outcome.kind === 'rejected');
    expect(kinds(rejected)).toEqual(['h13 rejected']);
    expect(outcomes.filter(({ outcome }) => outcome.kind === 'delivered')).toHaveLength(19);
    const arrived = vendor.requests.filter(({ text }) => !text.includes('"k13"'));
    const keys = arrived.flatMap(({ text }) =>
      [...text.matchAll(/"key":"(k\d+)"/g)].map(([, key]) => key),
    );
    expect(keys.length).toBe(19);
  });
});

describe('a private address', () => {
  it('is refused, with the remedy, unless it is named', async () => {
    const vendor = await receiver();
    const call = callWith(vendor, { allowPrivate: ['10.0.0.0/8'] });
    await expect(add(call)).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringContaining('allowPrivate') as string,
    });
    expect(vendor.requests).toEqual([]);
  });
});

describe('settings', () => {
  const good = {
    batch: false,
    batchSize: 100,
    timeoutMs: 1_000,
    url: 'https://a.example/',
    secrets: [secret],
  };
  it.each<[string, Partial<WebhookSettings>, string[]]>([
    ['good', {}, []],
    ['good inside', { url: 'http://hooks.internal/', allowPrivate: ['hooks.internal'] }, []],
    ['no URL', { url: 'hooks' }, ['/url']],
    ['another protocol', { url: 'ftp://a.example' }, ['/url']],
    ['not encrypted', { url: 'http://a.example/' }, ['/url']],
    ['credentials in the URL', { url: 'https://ada:pass@a.example/' }, ['/url']],
    ['a short secret', { secrets: ['whsec_AAAA'] }, ['/secrets/0']],
    ['a public key', { secrets: [secret, 'whpk_AAAA'] }, ['/secrets/1']],
    ['a list that cannot be read', { allowPrivate: ['10.0.0.0/99'] }, ['/allowPrivate']],
    ['a header of ours', { headers: { 'Webhook-Id': 'x' } }, ['/headers/Webhook-Id']],
    ['a header that breaks out', { headers: { a: 'x\r\nb: c' } }, ['/headers/a']],
  ])('%s', (_title, change, paths) => {
    const found = plugin.validate?.({ ...good, ...change }) ?? [];
    expect(found.map(({ path }) => path)).toEqual(paths);
    expect(JSON.stringify(found)).not.toContain('whsec_AAAA');
  });
});
