// A store of every version that ever was opens today: nothing of it is lost, what follows from its log is
// what it was, and a hub goes on from there.
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { appendAudit } from '../../core/src/audit/append.ts';
import { createAudienceEngine } from '../../core/src/audience/engine.ts';
import { verifyAudit } from '../../core/src/audit/verify.ts';
import { restoreBackup } from '../../core/src/backup/restore-backup.ts';
import { loadConfig } from '../../core/src/config/load-config.ts';
import { takeChange } from '../../core/src/resolve/change.ts';
import { rebuild } from '../../core/src/resolve/rebuild.ts';
import { internalSource } from '../../core/src/sources/internal-source.ts';
import { bindKeyToStore } from '../../core/src/standardise/deployment-key.ts';
import { openStore, type StoreSettings } from '../../core/src/store/open.ts';
import { startHubInProcess } from '../support/hub-in-process.ts';
import { hasService, postgresUrl } from '../support/services.ts';
import { testKeys } from '../support/settings.ts';
import { dropSchema, freshSchema } from '../support/stores.ts';
import { waitUntil } from '../support/wait-until.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { describeStore } from './describe-store.ts';

const key = new Uint8Array(32).fill(7);
const fixtures = join(workspaceRoot, 'test/upgrade/fixtures');
const versions = await readdir(fixtures);
const withPostgres = await hasService('postgres');

const cleanUps: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

async function place(kind: string): Promise<StoreSettings> {
  if (kind === 'server') {
    const schema = freshSchema();
    cleanUps.push(() => dropSchema(schema));
    return { url: postgresUrl, schema };
  }
  const folder = await mkdtemp(join(tmpdir(), 'tributary-upgrade-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  return { folder };
}

const kinds = withPostgres ? ['embedded', 'server'] : ['embedded'];
const cases = versions.flatMap((version) => kinds.map((kind) => ({ version, kind })));

describe.each(cases)('a $kind store at $version', { timeout: 240_000 }, ({ version, kind }) => {
  test('opens, holds what it held, folds to the same, and goes on', async () => {
    const folder = join(fixtures, version);
    const { auditHash, ...expected } = JSON.parse(
      await readFile(join(folder, 'expected.json'), 'utf8'),
    );
    const settings = await place(kind);
    await restoreBackup({
      open: () => createReadStream(join(folder, 'store.gz')),
      store: settings,
      keyFingerprint: testKeys.fingerprint,
      now: Date.now(),
    });
    const store = await openStore(settings);

    expect(await describeStore(store)).toEqual(expected);
    expect(await verifyAudit(store)).toMatchObject({ intact: true, hash: auditHash });

    const text = await readFile(join(folder, 'hub.yaml'), 'utf8');
    const { config } = await loadConfig(join(workspaceRoot, 'config/of-a-test.yaml'), {
      env: {},
      readFile: () => Promise.resolve(text),
    });
    const sources = new Map([...config.sources, [internalSource.id, internalSource]]);
    await rebuild({
      store,
      room: {
        settings: { ...config, sources },
        keys: await bindKeyToStore(store, key),
        audiences: createAudienceEngine({ config, takeChange, clock: () => performance.now() }),
        evaluate: true,
        appendAudit,
        now: Date.now,
      },
    });
    const { people, consents, figures } = await describeStore(store);
    expect({ people, consents, profiles: figures['profiles'] }).toEqual({
      people: expected.people,
      consents: expected.consents,
      profiles: expected.figures.profiles,
    });

    // The shop stays shut: what it would send belongs to another test.
    const quiet = text.replace(/^ {2}shop:\n(?: {4}.*\n)+/m, '');
    const hub = await startHubInProcess({
      config: quiet,
      store,
      writeKey: 'demo-server-key',
    });
    const order = { type: 'track', userId: 'up-user-1', event: 'Order Completed' };
    await hub.send([
      { ...order, messageId: 'ut-1' },
      { ...order, messageId: 'after' },
    ]);
    await waitUntil(
      async () => (await describeStore(store)).figures['events'] === expected.figures.events + 1,
      { what: 'the new event alone in the log', withinMs: 60_000 },
    );
    await hub.hub.stop();
  });
});

test('there is a fixture of the first version', () => {
  expect(versions).toContain('0001_hub');
});
