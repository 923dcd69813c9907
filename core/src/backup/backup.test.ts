// A backup holds all that the store held, whichever store it was taken from and goes into, and a file
// that is not whole leaves nothing behind.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { createLine } from '../../../test/support/line.ts';
import { hasService, postgresUrl } from '../../../test/support/services.ts';
import { testKeys } from '../../../test/support/settings.ts';
import { dropSchema, freshSchema } from '../../../test/support/stores.ts';
import { verifyAudit } from '../audit/verify.ts';
import { connectToStore } from '../store/connection.ts';
import { hubMigrations, listMigrations } from '../store/migrate.ts';
import { openStore, type StoreSettings } from '../store/open.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { bindKeyToStore } from '../standardise/deployment-key.ts';
import { readArchive } from './archive.ts';
import { restoreBackup } from './restore-backup.ts';
import { readRestoreNote } from './restored.ts';
import { writeBackup } from './write-backup.ts';

const migrations = await listMigrations(hubMigrations);
const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const key = new Uint8Array(32).fill(7);
const withPostgres = await hasService('postgres');

const cleanUps: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

const places: Record<string, () => StoreSettings> = {
  embedded() {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-backup-'));
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
    return { folder };
  },
  server() {
    const schema = freshSchema();
    cleanUps.push(() => dropSchema(schema));
    return { url: postgresUrl, schema };
  },
};
const place = (kind: string): StoreSettings => (places[kind] as () => StoreSettings)();

const text = 'Zoë "Quote" \\ back\\slash\n\u0001 🦆 \u2028';

/** People, consents and audit as the hub writes them, and values that are hard to carry. */
async function fill(store: Store): Promise<void> {
  await bindKeyToStore(store, key);
  const line = await createLine(store, { now });
  await line.accept(
    'web',
    Array.from({ length: 40 }, (_, index) => ({
      type: 'identify',
      messageId: `m${index}`,
      identifiers: [
        { namespace: 'user_id', value: `u${index}` },
        { namespace: 'email', value: `p${index % 30}@example.com` },
      ],
      traits: { name: `${text} ${index}`, email: `p${index % 30}@example.com` },
    })),
  );
  await line.resolve();
  await store.query(
    'background',
    dynamicStatement(
      'test.hard_values',
      `WITH i AS (INSERT INTO device_span VALUES (999, '-infinity', 'infinity', 1)),
         q AS (INSERT INTO quarantine (source, received_at, code, message, payload, key_id)
               VALUES ('web', '0044-03-15 00:00:00+00 BC', 'X', $1, '\\x00ff7f', 0))
       INSERT INTO setting VALUES ('hard', $2::jsonb)`,
    ),
    [text, JSON.stringify({ text, number: 0.1, big: 1e300 })],
  );
  await store.query('background', eraseNewest);
}

/** As an erasure leaves it: the row is gone, and others refer to its id. */
const eraseNewest = dynamicStatement(
  'test.erase_newest',
  'DELETE FROM identifier WHERE id > (SELECT max(id) - 3 FROM identifier)',
);

/** What each table that numbers its rows gives next. */
async function nextNumbers(settings: StoreSettings): Promise<Record<string, number>> {
  const connection = await connectToStore(settings);
  const { client, schema } = connection;
  const sequences = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'S'`,
    [schema],
  );
  const next: Record<string, number> = {};
  for (const { name } of sequences.rows) {
    const { rows } = await client.query<{ next: string }>(
      `SELECT last_value + is_called::int AS next FROM "${schema}"."${name}"`,
    );
    next[name] = Number(rows[0]?.next);
  }
  await connection.close();
  return next;
}

/** Every table's rows as text, in an order of their own. */
async function dump(settings: StoreSettings): Promise<Record<string, string[]>> {
  const connection = await connectToStore(settings);
  const { client, schema } = connection;
  const tables = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r'
     AND relname <> 'migration' ORDER BY 1`,
    [schema],
  );
  const found: Record<string, string[]> = {};
  for (const { name } of tables.rows) {
    const rows = await client.query<{ row: string }>(
      `SELECT t::text AS row FROM "${schema}"."${name}" t ORDER BY 1`,
    );
    found[name] = rows.rows.map(({ row }) => row).filter((row) => !row.startsWith('(restored,'));
  }
  await connection.close();
  return found;
}

async function takeBackup(settings: StoreSettings): Promise<Buffer> {
  const connection = await connectToStore(settings);
  const target = new PassThrough();
  const [bytes] = await Promise.all([buffer(target), writeBackup({ connection, target, now })]);
  await connection.close();
  return bytes;
}

async function filled(kind: string): Promise<StoreSettings> {
  const settings = place(kind);
  const store = await openStore(settings);
  await fill(store);
  await store.close();
  return settings;
}

const sources = new Map<string, Promise<{ settings: StoreSettings; bytes: Buffer }>>();
/** Filling a store takes seconds: one of each kind is enough. */
function source(kind: string): Promise<{ settings: StoreSettings; bytes: Buffer }> {
  const made = sources.get(kind) ?? make(kind);
  sources.set(kind, made);
  return made;
}
async function make(kind: string): Promise<{ settings: StoreSettings; bytes: Buffer }> {
  const settings = await filled(kind);
  return { settings, bytes: await takeBackup(settings) };
}

const restore = (bytes: Uint8Array, store: StoreSettings, fingerprint = testKeys.fingerprint) =>
  restoreBackup({
    open: () => Readable.from([bytes]),
    store,
    keyFingerprint: fingerprint,
    now: now + 1_000,
  });

/** Sealed as if it had been written so. */
function reseal(changed: string): Buffer {
  const body = changed.slice(0, changed.lastIndexOf('["seal"'));
  const rows = body.split('\n').filter((line) => /^\{(?!"tributary")/.test(line)).length;
  const sha256 = createHash('sha256').update(body).digest('hex');
  return gzipSync(`${body}${JSON.stringify(['seal', rows, sha256])}\n`);
}

const ways = [
  ['embedded', 'embedded'],
  ['embedded', 'server'],
  ['server', 'embedded'],
  ['server', 'server'],
] as const;

// Embedded stores on disk take seconds to make; where there is a server, the rest is tried on it.
const cheap = withPostgres ? 'server' : 'embedded';

describe('backup and restore', { timeout: 240_000 }, () => {
  it.for(ways)('carries everything from %s to %s', async ([from, to], { skip }) => {
    if (!withPostgres && (from === 'server' || to === 'server')) skip('no PostgreSQL here');
    const { settings, bytes } = await source(from);
    const before = await dump(settings);
    const target = place(to);
    await restore(bytes, target);

    expect(await dump(target)).toEqual(before);
    expect(before['event']).toHaveLength(40);
    // The number of somebody who was erased is nobody else's.
    expect(await nextNumbers(target)).toEqual(await nextNumbers(settings));

    const store = await openStore(target);
    expect(await verifyAudit(store)).toMatchObject({ intact: true });
    expect(await readRestoreNote(store)).toEqual({
      takenAt: now,
      restoredAt: now + 1_000,
      settled: undefined,
    });
    // Numbers that the database gives go on where they were.
    await store.query(
      'background',
      dynamicStatement(
        'test.next_number',
        `INSERT INTO quarantine (source, received_at, code, message) VALUES ('s', now(), 'Y', '')`,
      ),
    );
    const line = await createLine(store, { now });
    await line.accept('web', [
      { type: 'track', event: 'Seen', identifiers: [{ namespace: 'user_id', value: 'new' }] },
    ]);
    await line.resolve();
    await store.close();
  });

  it('takes a copy that was cut, changed or is no backup for what it is, and leaves no store', async () => {
    const { bytes } = await source(cheap);
    const lines = gunzipSync(bytes).toString();
    const tampered = {
      BACKUP_UNREADABLE: [bytes.subarray(0, bytes.length / 2), Buffer.from('not a backup')],
      BACKUP_DAMAGED: [
        gzipSync(lines.slice(0, lines.lastIndexOf('["seal"'))),
        gzipSync(lines.replace('p7@example.com', 'p8@example.com')),
        reseal(lines.replace('["table","event"', '["table","migration"')),
        reseal(lines.replace('"namespace"', '"namespace","hash\\"); DROP TABLE x"')),
        reseal(lines.replace('"identifier.id":71', '"identifier.id":"71"')),
        gzipSync(''),
      ],
      BACKUP_NEWER: [gzipSync(lines.replace('"format":1', '"format":2'))],
      STORE_SCHEMA_NEWER: [reseal(lines.replace(String(migrations.at(-1)), '9999_future'))],
    };
    const target = place(cheap);
    for (const [code, copies] of Object.entries(tampered)) {
      for (const copy of copies) {
        await expect(restore(copy, target)).rejects.toMatchObject({ code });
      }
    }
    await restore(bytes, target); // the place is still free
  });

  it('takes one of a version that did not say which numbers come next', async () => {
    const { bytes } = await source(cheap);
    const lines = gunzipSync(bytes).toString();
    const target = place(cheap);
    await restore(reseal(lines.replace(/,"nextNumbers":\{[^}]*\}/, '')), target);
    expect(await nextNumbers(target)).toMatchObject({ identifier_id_seq: 68 });
  });

  it('refuses another deployment key, and a place where a store is', async () => {
    const { bytes, settings } = await source(cheap);
    await expect(restore(bytes, place(cheap), 'other')).rejects.toMatchObject({
      code: 'BACKUP_KEY_WRONG',
    });
    await expect(restore(bytes, settings)).rejects.toMatchObject({ code: 'STORE_PRESENT' });
  });

  it('says in its first line what it is, and gives the key away nowhere', async () => {
    const { bytes } = await source(cheap);
    const first = await readArchive(Readable.from([bytes])).next();
    expect(first.value).toEqual({
      kind: 'header',
      header: {
        tributary: 'backup',
        format: 1,
        takenAt: new Date(now).toISOString(),
        migrations,
        keyFingerprint: testKeys.fingerprint,
        nextNumbers: { 'dead_letter.id': 1, 'identifier.id': 71, 'quarantine.id': 2 },
      },
    });
    expect(gunzipSync(bytes).includes(Buffer.from(key).toString('base64'))).toBe(false);
  });
});
