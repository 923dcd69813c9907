// The drill: a hub is lost and comes back from a backup that is older than what it did last. Nobody is
// reached until somebody has looked; what sources send again brings people and lists to what they should
// be; and nobody gets a mail twice.
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  async function startOn(settings: StoreSettings): Promise<HubInProcess> {
    const action = { action: 'mail', audience: 'readers', parameters: { templateId: 'd-hello' } };
    const config = JSON.parse(
      shopConfig({
        sendgridUrl: fake.url,
        key: '${SHOP_KEY}',
        destination: { actions: [action] },
      }),
    );
    config.hub = { ...config.hub, store: settings, backups: backups };
    return startHubInProcess({
      config: JSON.stringify(config),
      environment: { ...environment, SHOP_KEY: Buffer.alloc(32, 7).toString('base64') },
      writeKey,
      store: await openStore(settings),
    });
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

    const second = await place(kind);
    await restoreBackup({
      open: () => createReadStream(file),
      store: second,
      keyFingerprint: testKeys.fingerprint,
      now: Date.now(),
    });
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
});
