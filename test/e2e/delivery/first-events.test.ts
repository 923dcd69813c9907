// A destination that config has named from the beginning is told of everything since, also of what came in
// before delivery itself was up for the first time.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Store } from '../../../core/src/store/store.ts';
import { sinkSecret, startSink } from '../../fault/sink.ts';
import { findFreePort } from '../../support/free-port.ts';
import { createHubClient } from '../../support/hub-client.ts';
import { startHubInProcess } from '../../support/hub-in-process.ts';
import { eachStore } from '../../support/stores.ts';
import { waitUntil } from '../../support/wait-until.ts';
import {
  consent,
  createPerson,
  environment,
  identify,
  shopConfig,
  track,
  writeKey,
} from './shop.ts';

/** What delivery begins with waits until it is told to go on. */
function heldBack(store: Store): { readonly store: Store; goOn(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const held: Store = {
    ...store,
    transaction: (lane, work) =>
      store.transaction(lane, (transaction) =>
        work({
          query: async (statement, parameters) => {
            if (statement.name === 'ledger.recover_sending') await refuseUntil(promise);
            return transaction.query(statement, parameters);
          },
        }),
      ),
  };
  return { store: held, goOn: resolve };
}

/** Waiting in a transaction would hold everybody up on the embedded store. */
async function refuseUntil(promise: Promise<void>): Promise<void> {
  const isOver = await Promise.race([promise.then(() => true), sleep(0, false)]);
  if (!isOver) throw new Error('not yet');
}

function sinkConfig(url: string): string {
  return shopConfig({
    sendgridUrl: url,
    key: '${SHOP_KEY}',
    destination: {
      plugin: '@tributary/destination-webhook',
      settings: { url, secrets: ['${SINK_SECRET}'], allowPrivate: ['127.0.0.1'] },
      audiences: [],
      events: { types: ['track'] },
    },
  });
}

eachStore('a new destination', (open) => {
  test('is told of what was resolved before it began', { timeout: 120_000 }, async () => {
    const sink = await startSink();
    const { store, goOn } = heldBack(await open());
    const port = await findFreePort();
    // It takes records in, and is up once it delivers.
    const starting = startHubInProcess({
      config: sinkConfig(sink.url),
      environment: {
        ...environment,
        SHOP_KEY: randomBytes(32).toString('base64'),
        SINK_SECRET: sinkSecret,
      },
      port,
      store,
    });
    try {
      const url = (): string => `http://127.0.0.1:${port}`;
      const client = createHubClient({ url, adminKey: () => '', writeKey });
      const ada = createPerson(1);
      const said = [identify(ada), consent(ada, 'granted'), track(ada, 'Order Completed')];
      await waitUntil(async () => (await client.trySend(said)) === 200, {
        what: 'the hub to listen',
      });
      await waitUntil(async () => (await client.metric('tributary_resolve_lag_events')) === 0, {
        what: 'the event to be resolved',
      });
      goOn();
      await waitUntil(() => sink.received.length > 0, {
        what: 'the event at the receiver',
        withinMs: 20_000,
      });
      expect(sink.received.map(({ key }) => key)).toEqual([`user_id:${ada.userId}`]);
    } finally {
      goOn();
      await (await starting).hub.stop();
      await sink.close();
    }
  });
});
