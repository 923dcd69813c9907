// Client libraries as they come from the registry, on a day on which the hub says «not now», fails and
// cuts connections: everything arrives, once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import plugin from '../../plugins/source-http/src/index.ts';
import { startFaultProxy, type Fault, type FaultProxy } from '../support/fault-proxy.ts';
import { hasService } from '../support/services.ts';
import { tellByBrowser } from './clients/browser-client.ts';
import { clientKey, serverKey, startListeningHub, type ListeningHub } from './clients/hub.ts';
import { tellByRudderNode, tellBySegmentNode, type Telling } from './clients/server-clients.ts';
import { bound, createPerson, expectedProfile, type Person } from './clients/story.ts';

/** As the hub itself says it. */
const headers = plugin.http?.headers ?? {};
const busy = plugin.http?.busy?.(1);
const tooMany: Fault = {
  kind: 'answer',
  status: busy?.status ?? 0,
  headers: { ...headers, ...busy?.headers },
};
const unavailable: Fault = {
  kind: 'answer',
  status: 503,
  headers: { ...headers, 'retry-after': '1' },
};
const pass: Fault = { kind: 'pass' };
const badDay: readonly Fault[] = [
  tooMany,
  pass,
  unavailable,
  { kind: 'cut_after' },
  pass,
  { kind: 'cut_before' },
];

/** For clients that say all they have in a few requests. */
const worseDay = badDay.filter(({ kind }) => kind !== 'pass');

/** Five that are about who she is, and the events. */
const told = 6 + bound.pings;

let hub: ListeningHub;
let accepted = 0;

beforeAll(async () => {
  hub = await startListeningHub();
});
afterAll(() => hub.stop());

async function withProxy<Value>(
  script: readonly Fault[],
  work: (proxy: FaultProxy) => Promise<Value>,
): Promise<Value> {
  const proxy = await startFaultProxy(hub.url, script);
  try {
    return await work(proxy);
  } finally {
    await proxy.close();
  }
}

async function expectArrived(proxy: FaultProxy, person: Person, page: object): Promise<void> {
  const played = proxy.requests.map(({ fault }) => fault);
  expect(played).toEqual(expect.arrayContaining(worseDay));
  accepted += told;
  expect(await hub.counts()).toEqual({ accepted, resolved: accepted, quarantined: 0 });
  expect(await hub.profileOf(person)).toEqual(expectedProfile(person, page));
}

describe('a server', () => {
  const clients: {
    name: string;
    person: Person;
    tell: (telling: Telling) => Promise<unknown[]>;
    encoding: string | undefined;
  }[] = [
    {
      name: '@segment/analytics-node',
      person: createPerson('segment', 1),
      tell: tellBySegmentNode,
      encoding: undefined,
    },
    {
      name: '@rudderstack/rudder-sdk-node',
      person: createPerson('rudder', 2),
      tell: tellByRudderNode,
      encoding: 'gzip',
    },
  ];

  it.each(clients)('with $name', async ({ person, tell, encoding }) => {
    await withProxy(badDay, async (proxy) => {
      expect(await tell({ url: proxy.url, writeKey: serverKey, person })).toEqual([]);
      await hub.resolved(accepted + told);
      const posts = proxy.requests.filter(({ method }) => method === 'POST');
      expect(new Set(posts.map((post) => post.headers['content-encoding']))).toEqual(
        new Set([encoding]),
      );
      await expectArrived(proxy, person, {});
    });
  });

  it('that has a wrong key is told so', async () => {
    const person = createPerson('nobody', 8);
    const failures = await tellBySegmentNode({ url: hub.url, writeKey: 'not-a-key', person });
    expect(failures.length).toBeGreaterThan(0);
    expect((await hub.counts()).accepted).toBe(accepted);
  });
});

const withChromium = await hasService('chromium');

describe.skipIf(!withChromium)('a browser', () => {
  const ways = [
    { way: 'message by message', batched: false, person: createPerson('browser', 3) },
    { way: 'in batches', batched: true, person: createPerson('batching', 4) },
  ];

  it.each(ways)('with @segment/analytics-next, $way', async ({ batched, person }) => {
    await withProxy(batched ? worseDay : badDay, async (proxy) => {
      const url = await tellByBrowser({
        url: proxy.url,
        writeKey: clientKey,
        person,
        batched,
        arrived: () => hub.resolved(accepted + told),
      });
      await expectArrived(proxy, person, { name: 'Home', search: '', title: 'Shop', url });
      const paths = new Set(proxy.requests.map(({ method, path }) => `${method} ${path}`));
      expect(paths).toContain(`GET /v1/projects/${clientKey}/settings`);
      expect(paths).toContain(batched ? 'OPTIONS /v1/b' : 'OPTIONS /v1/t');
      expect(paths).toContain(batched ? 'POST /v1/b' : 'POST /v1/t');
    });
  });
});
