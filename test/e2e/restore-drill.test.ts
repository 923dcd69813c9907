// The drill: a hub is lost and comes back from a backup that is older than what it did last. Nobody is
// reached until somebody has looked; what sources send again brings people and lists to what they should
// be; and nobody gets a mail twice.
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyAudit } from '../../core/src/audit/verify.ts';
import { restoreBackup } from '../../core/src/backup/restore-backup.ts';
import { openStore, type StoreSettings } from '../../core/src/store/open.ts';
import { dynamicStatement } from '../../core/src/store/store.ts';
import { startSendgridFake, type SendgridFake } from '../fakes/sendgrid/fake.ts';
import { startHubInProcess, type HubInProcess } from '../support/hub-in-process.ts';
import { hasService, postgresUrl } from '../support/services.ts';
import { testKeys } from '../support/settings.ts';
import { dropSchema, freshSchema } from '../support/stores.ts';
import { waitUntil } from '../support/wait-until.ts';
import {
  createPerson as person,
  decide,
  environment,
  identify,
  order,
  sendgridKey,
  shopConfig,
  subscribe,
  writeKey,
} from './delivery/shop.ts';

const kinds = (await hasService('postgres')) ? ['embedded', 'server'] : ['embedded'];
const cleanUps: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tributary-drill-'));
  cleanUps.push(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function place(kind: string): Promise<StoreSettings> {
  if (kind === 'embedded') return { folder: await folder() };
  const schema = freshSchema();
  cleanUps.push(() => dropSchema(schema));
  return { url: postgresUrl, schema };
}

/** Bought, and not lately: by time alone. */
const lapsed = {
  all: [{ event: 'Order Completed' }, { not: { event: 'Order Completed', within: '5s' } }],
};

async function countReaders({ hub }: HubInProcess): Promise<number> {
  const rows = await hub.store.query('background', selectReaders);
  return rows.length;
}
const selectReaders = dynamicStatement(
  'test.readers',
  `SELECT 1 FROM membership WHERE audience = 'readers'`,
);

describe.each(kinds)('a hub on the %s store', (kind) => {
  let fake: SendgridFake;

  let backups = '';

  beforeEach(async () => {
    backups = join(await folder(), 'kept');
    fake = await startSendgridFake({ apiKey: sendgridKey });
    for (const list of ['Readers', 'Buyers']) fake.addList(list);
  });
  afterEach(() => fake.close());

  function configOn(settings: StoreSettings, destination: object): string {
    const action = { action: 'mail', audience: 'readers', parameters: { templateId: 'd-hello' } };
    const config = JSON.parse(
      shopConfig({
        sendgridUrl: fake.url,
        key: '${SHOP_KEY}',
        audiences: {
          readers: { title: 'Readers', rule: { trait: 'newsletter', is: true } },
          buyers: { title: 'Buyers', rule: { event: 'Order Completed' } },
          lapsed: { title: 'Lapsed', rule: lapsed },
        },
        destination: { actions: [action, { ...action, audience: 'lapsed' }], ...destination },
      }),
    );
    config.hub = { ...config.hub, store: settings, backups: backups };
    return JSON.stringify(config);
  }

  async function startOn(settings: StoreSettings, destination: object = {}): Promise<HubInProcess> {
    return startHubInProcess({
      config: configOn(settings, destination),
      environment: { ...environment, SHOP_KEY: Buffer.alloc(32, 7).toString('base64') },
      writeKey,
      store: await openStore(settings),
    });
  }

  async function restore(file: string): Promise<StoreSettings> {
    const store = await place(kind);
    await restoreBackup({
      open: () => createReadStream(file),
      store,
      keyFingerprint: testKeys.fingerprint,
      now: Date.now(),
    });
    return store;
  }

  const readers = (): readonly string[] => [...fake.members('Readers')].toSorted();
  const listIs = (...emails: string[]) =>
    waitUntil(() => readers().join() === emails.join(), {
      what: `the list to be ${emails.join()}`,
      describe: readers,
    });
  const mailsAre = (count: number) =>
    waitUntil(() => fake.mails().length === count, {
      what: `${count} mails`,
      describe: () => fake.mails().length,
    });

  test('comes back from a backup', { timeout: 300_000 }, async () => {
    const [ada, ben, cleo, dora] = [person(1), person(2), person(3), person(4)];
    const first = await place(kind);
    const lost = await startOn(first);
    for (const reader of [ada, ben, cleo]) {
      await lost.send([decide(reader, true), subscribe(reader, true)]);
    }
    await listIs('p1@example.com', 'p2@example.com', 'p3@example.com');
    await mailsAre(3);

    // While it runs.
    const backup = (await lost.call('POST', '/backups')) as { file: string; rows: number };
    const { file } = backup;
    expect(file.startsWith(backups)).toBe(true);

    // What the backup does not know: somebody leaves, somebody comes.
    const since = [decide(ada, false), decide(dora, true), subscribe(dora, true)];
    await lost.send(since);
    await listIs('p2@example.com', 'p3@example.com', 'p4@example.com');
    await mailsAre(4);
    await lost.hub.stop();

    const second = await restore(file);
    const before = fake.journal.length;
    const back = await startOn(second);
    expect(await back.hub.delivery.status()).toMatchObject([{ state: 'paused', code: 'RESTORED' }]);
    expect(await verifyAudit(back.hub.store)).toMatchObject({ intact: true });

    // Sources send again what they know. Ada, whom the backup still counts as willing, is safe.
    await back.send(since);
    await waitUntil(
      async () => {
        const [unplanned] = (await back.hub.delivery.status()).map((status) => status.unplanned);
        return unplanned === 0 && (await countReaders(back)) === 4;
      },
      { what: 'what was sent again to be planned' },
    );
    expect(fake.journal.length).toBe(before);

    await back.hub.delivery.resume('mail', 'key:test');
    await waitUntil(
      async () => {
        const [status] = await back.hub.delivery.status();
        return status?.books.every((book) => book.pending + book.inDoubt === 0) ?? false;
      },
      { what: 'delivery to be at rest' },
    );
    await listIs('p2@example.com', 'p3@example.com', 'p4@example.com');
    expect(fake.mails()).toHaveLength(4);
    await back.hub.stop();

    const again = await startOn(second);
    expect(await again.hub.delivery.status()).toMatchObject([{ state: 'running' }]);
    await again.hub.stop();
    expect(backup.rows).toBeGreaterThan(20);
  });

  test('sends nothing again that went out after the backup', { timeout: 300_000 }, async () => {
    const [ada, ben] = [person(1), person(2)];
    const lost = await startOn(await place(kind));
    // Ada's mail waits in the backup, Ben's is caused by time after it.
    await lost.hub.delivery.pause('mail', 'the template is being written', 'key:test');
    await lost.send([decide(ada, true), subscribe(ada, true)]);
    await lost.send([identify(ben), decide(ben, true), order(ben)]);
    const waiting = () => lost.hub.delivery.actions('mail', 'due');
    await waitUntil(async () => (await waiting()).length === 1, { what: 'her mail to wait' });
    const { file } = (await lost.call('POST', '/backups')) as { file: string };
    await lost.hub.delivery.resume('mail', 'key:test');
    await mailsAre(2);
    await lost.hub.stop();

    const back = await startOn(await restore(file));
    await back.hub.delivery.resume('mail', 'key:test');
    await listIs('p1@example.com');
    await setTimeout(2_000);
    expect(fake.mails()).toHaveLength(2);
    expect(await back.hub.delivery.actions('mail')).toMatchObject([
      { status: 'in_doubt', reason: expect.stringContaining('restored') },
    ]);
    await back.hub.stop();
  });

  test('keeps a destination that comes in later waiting too', { timeout: 300_000 }, async () => {
    const [ada, ben] = [person(1), person(2)];
    const lost = await startOn(await place(kind));
    for (const reader of [ada, ben])
      await lost.send([decide(reader, true), subscribe(reader, true)]);
    await listIs('p1@example.com', 'p2@example.com');
    await mailsAre(2);
    const { file } = (await lost.call('POST', '/backups')) as { file: string };
    await lost.send([decide(ada, false)]);
    await listIs('p2@example.com');
    await lost.hub.stop();

    const second = await restore(file);
    const before = fake.journal.length;
    const back = await startOn(second, { enabled: false });
    expect(await back.hub.delivery.status()).toEqual([]);
    back.configure(configOn(second, {}));
    await back.hub.changes.apply(undefined, 'key:test');
    expect(await back.hub.delivery.status()).toMatchObject([{ state: 'paused', code: 'RESTORED' }]);
    await setTimeout(1_500);
    expect(fake.journal.length).toBe(before);

    // Settled once: whoever has looked is not asked again.
    await back.send([decide(ada, false)]);
    await back.hub.delivery.resume('mail', 'key:test');
    await listIs('p2@example.com');
    back.configure(configOn(second, { limits: { timeout: '2s', pollAfter: '1s' } }));
    await back.hub.changes.apply(undefined, 'key:test');
    expect(await back.hub.delivery.status()).toMatchObject([{ state: 'running' }]);
    await back.hub.stop();
  });
});
