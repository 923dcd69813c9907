// A hub that cannot begin, or cannot say that it ends, leaves nothing running behind: its process would
// live on behind an exit code, and nobody would start another.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Store, Transaction } from '../../core/src/store/store.ts';
import { startSendgridFake } from '../fakes/sendgrid/fake.ts';
import { startHubInProcess, type HubInProcess } from '../support/hub-in-process.ts';
import { eachStore } from '../support/stores.ts';
import { environment, shopConfig, writeKey } from '../e2e/delivery/shop.ts';

/** The store is away whenever the audit log is to be written while `away` is set. */
function withoutAudit(store: Store): { readonly store: Store; away: boolean } {
  const lever = {
    away: false,
    store: {
      ...store,
      transaction: <Result>(
        lane: Parameters<Store['transaction']>[0],
        work: (transaction: Transaction) => Promise<Result>,
      ) =>
        store.transaction(lane, (transaction) =>
          work({
            query: (statement, parameters) =>
              lever.away && statement.name === 'audit.insert_entries'
                ? Promise.reject(new Error('the store is away'))
                : transaction.query(statement, parameters),
          }),
        ),
    },
  };
  return lever;
}

async function start(store: Store): Promise<HubInProcess> {
  const fake = await startSendgridFake({ apiKey: 'SG.unused' });
  await fake.close();
  return startHubInProcess({
    config: shopConfig({ sendgridUrl: fake.url, key: '${SHOP_KEY}' }),
    environment: { ...environment, SHOP_KEY: randomBytes(32).toString('base64') },
    writeKey,
    store,
  });
}

eachStore('the end of a hub', (open) => {
  const slowMachine = { timeout: 120_000 };
  const one = { name: 'test.one', text: 'SELECT 1 AS one' };

  test('one that could not begin has closed everything', slowMachine, async () => {
    const lever = withoutAudit(await open());
    lever.away = true;
    await expect(start(lever.store)).rejects.toThrow('the store is away');
    await expect(lever.store.query('gate', one)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  test('one that could not note its end has closed everything', slowMachine, async () => {
    const lever = withoutAudit(await open());
    const { hub } = await start(lever.store);
    lever.away = true;
    await expect(hub.stop()).rejects.toThrow('the store is away');
    await expect(fetch(`${hub.url}/livez`)).rejects.toThrow('fetch failed');
    await expect(lever.store.query('gate', one)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });
});
