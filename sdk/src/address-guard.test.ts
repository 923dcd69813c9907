import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGuardedAgent, isPublicAddress, type AddressLookup } from './address-guard.ts';
import { createPluginFetch } from './create-fetch.ts';

const inside = [
  '127.0.0.1',
  '127.255.0.3',
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '168.63.129.16',
  '192.0.0.192',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:169.254.169.254',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
];
const outside = [
  '1.1.1.1',
  '93.184.215.14',
  '2606:4700::1111',
  '::ffff:1.1.1.1',
  '64:ff9b::101:101',
];

describe('public addresses', () => {
  it.each(inside)('%s is not one', (address) => expect(isPublicAddress(address)).toBe(false));
  it.each(outside)('%s is one', (address) => expect(isPublicAddress(address)).toBe(true));
});

describe('a guarded call', () => {
  let port = 0;
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.end('reached');
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  const answering =
    (...addresses: string[]): AddressLookup =>
    (_host, answer) =>
      answer(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  const fetchThrough = (
    lookup: AddressLookup,
    allow: readonly string[] = [],
  ): ReturnType<typeof createPluginFetch> =>
    createPluginFetch({ dispatcher: createGuardedAgent({ allow }, { lookup }), timeoutMs: 2_000 });

  it.each([
    'http://127.0.0.1',
    'http://localhost',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://0x7f.1',
    'http://2130706433',
    'http://0',
  ])('does not reach %s', async (host) => {
    const before = requests;
    await expect(createPluginFetch()(`${host}:${port}/`, { guard: {} })).rejects.toMatchObject({
      kind: 'rejected',
      vendorCode: 'ADDRESS_NOT_PUBLIC',
    });
    expect(requests).toBe(before);
  });

  it('judges the address a name leads to, not the name', async () => {
    const fetch = fetchThrough(answering('127.0.0.1'));
    await expect(fetch(`http://innocent.example:${port}/`)).rejects.toMatchObject({
      vendorCode: 'ADDRESS_NOT_PUBLIC',
    });
  });

  it('connects to the address that was judged, though the name changes its mind', async () => {
    const answers = ['127.0.0.1', '10.9.9.9'];
    let lookups = 0;
    const fetch = fetchThrough(
      (_host, answer) => {
        const address = answers[lookups] ?? '10.9.9.9';
        lookups += 1;
        answer(null, [{ address, family: 4 }]);
      },
      ['127.0.0.0/8'],
    );
    expect(await (await fetch(`http://rebinding.example:${port}/`)).text()).toBe('reached');
    expect(lookups).toBe(1);
  });

  it('leaves out the private ones among several addresses', async () => {
    const fetch = fetchThrough(answering('10.9.9.9', '127.0.0.1'), ['127.0.0.1']);
    expect(await (await fetch(`http://mixed.example:${port}/`)).text()).toBe('reached');
  });

  it.each(['127.0.0.1', '127.0.0.0/8', '::ffff:127.0.0.1'])(
    'reaches what %s allows',
    async (allow) => {
      const answer = await createPluginFetch()(`http://127.0.0.1:${port}/`, {
        guard: { allow: [allow] },
      });
      expect(await answer.text()).toBe('reached');
    },
  );

  it('reaches a host that is allowed by name, and no other', async () => {
    const fetch = fetchThrough(answering('127.0.0.1'), ['Hooks.Internal.']);
    expect(await (await fetch(`http://hooks.internal:${port}/`)).text()).toBe('reached');
    await expect(fetch(`http://other.internal:${port}/`)).rejects.toMatchObject({
      kind: 'rejected',
    });
  });

  it('refuses a list it cannot read', () => {
    expect(() => createGuardedAgent({ allow: ['http://x/'] })).toThrow(RangeError);
    expect(() => createGuardedAgent({ allow: ['10.0.0.0/99'] })).toThrow(RangeError);
  });
});
