// What two configs differ in, by name; and what of it a running hub cannot take up.
import { expect, test } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { compareConfigs } from './compare-configs.ts';
import { restartNeeded } from './restart-needed.ts';

const base = {
  tributary: 1,
  hub: { name: 'shop', store: { folder: 'data' } },
  purposes: { news: 'News' },
  traits: { plan: { merge: 'latest' } },
  computed: { orders: { event: 'Order Completed', count: true } },
  audiences: { readers: { title: 'Readers', rule: { trait: 'newsletter', is: true } } },
};
type Document = Readonly<Record<string, unknown>>;

async function load(change: Document): Promise<HubConfig> {
  const { config } = await loadConfig('/shop/hub.yaml', {
    env: {},
    readFile: () => Promise.resolve(JSON.stringify({ ...base, ...change })),
  });
  return config;
}

const hub = (change: object): Document => ({ hub: { ...base.hub, ...change } });
const none = { added: [], changed: [], removed: [] };
const same = { sources: none, destinations: none, audiences: none, computed: none, rules: [] };

test('finds no difference between two readings of one file', async () => {
  expect(compareConfigs(await load({}), await load({}))).toEqual(same);
  expect(restartNeeded(await load({}), await load({}))).toEqual([]);
});

const readers = base.audiences.readers;
const buyers = { title: 'Buyers', rule: { event: 'Order Completed' } };
test.each<[string, Document, object]>([
  [
    'an audience more',
    { audiences: { readers, buyers } },
    { audiences: { ...none, added: ['buyers'] } },
  ],
  ['an audience less', { audiences: {} }, { audiences: { ...none, removed: ['readers'] } }],
  [
    'another rule',
    { audiences: { readers: { ...readers, rule: buyers.rule } } },
    { audiences: { ...none, changed: ['readers'] } },
  ],
  [
    'another order of keys',
    { audiences: { readers: { rule: readers.rule, title: 'Readers' } } },
    {},
  ],
  ['another merge', { traits: { plan: { merge: 'oldest' } } }, { rules: ['traits'] }],
  ['another purpose', { purposes: { ads: 'Ads' } }, { rules: ['purposes and consent'] }],
  ['another name', hub({ name: 'store' }), { rules: ['hub.name'] }],
  ['another folder of backups', hub({ backups: 'backups' }), { rules: ['hub.backups'] }],
])('finds %s', async (_title, change, found) => {
  expect(compareConfigs(await load({}), await load(change))).toEqual({ ...same, ...found });
});

test('an audience is another one where one that its rule names is', async () => {
  const others = { title: 'Others', rule: { not: { audience: 'readers' } } };
  const edited = { ...readers, rule: buyers.rule };
  const found = compareConfigs(
    await load({ audiences: { readers, others } }),
    await load({ audiences: { readers: edited, others } }),
  );
  expect(found.audiences).toEqual({ ...none, changed: ['readers', 'others'] });
});

test('a computed trait is told by its own name', async () => {
  const computed = { orders: { event: 'Visit', count: true } };
  const found = compareConfigs(await load({}), await load({ computed }));
  expect(found).toEqual({ ...same, computed: { ...none, changed: ['orders'] } });
});

test.each<[string, Document, string[]]>([
  ['another folder', hub({ store: { folder: 'elsewhere' } }), ['hub.store']],
  ['another key', hub({ key: Buffer.alloc(32, 1).toString('base64') }), ['hub.key']],
  ['another door', hub({ http: { host: '::1', port: 1 } }), ['hub.http.host', 'hub.http.port']],
  ['other heads', hub({ audit: { heads: 'heads' } }), ['hub.audit']],
  ['other patience', hub({ plugins: { hangAfter: '1m' } }), ['hub.plugins.hangAfter']],
  ['proxies that are believed', hub({ http: { trustProxy: 1 } }), []],
])('%s: needs a restart, or not', async (_title, change, keys) => {
  expect(restartNeeded(await load({}), await load(change))).toEqual(keys);
});
