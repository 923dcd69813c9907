// Opening brings a database to this code's schema, and never to an older one.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dropSchema, freshSchema } from '../../../test/support/schemas.ts';
import { hasService, postgresUrl } from '../../../test/support/services.ts';
import { openEmbeddedStore } from './embedded.ts';
import { openServerStore } from './server.ts';
import { dynamicStatement } from './store.ts';
import type { Store } from './store.ts';

const first = new URL('./fixtures/migrations', import.meta.url).pathname;
const countColour = dynamicStatement('test.count', 'SELECT count(colour) AS count FROM pair');
const listed = dynamicStatement('test.listed', 'SELECT name FROM migration ORDER BY id');
const temporary = mkdtempSync(join(tmpdir(), 'tributary-migrate-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** The first migration and one more. */
function migrationsWith(name: string, text: string): string {
  const folder = mkdtempSync(join(temporary, 'migrations-'));
  cpSync(first, folder, { recursive: true });
  writeFileSync(join(folder, `${name}.sql`), text);
  writeFileSync(join(folder, 'README.md'), 'not a migration');
  return folder;
}

const second = migrationsWith('0002_second', 'ALTER TABLE pair ADD COLUMN colour text;');
const broken = migrationsWith('0002_broken', 'CREATE TABLE half (a int); SELECT 1 / 0;');

function migrations(openWith: () => (migrationsFolder: string) => Promise<Store>): void {
  async function openAndClose(
    open: (migrationsFolder: string) => Promise<Store>,
    folder: string,
    look?: (store: Store) => Promise<void>,
  ): Promise<void> {
    const store = await open(folder);
    try {
      await look?.(store);
    } finally {
      await store.close();
    }
  }

  it('upgrades an older schema and refuses a newer one, naming both', async () => {
    const open = openWith();
    await openAndClose(open, first, async (store) => {
      await expect(store.query('gate', countColour)).rejects.toMatchObject({ sqlState: '42703' });
    });
    await openAndClose(open, second, async (store) => {
      expect(await store.query('gate', countColour)).toEqual([{ count: 0 }]);
    });
    await expect(open(first)).rejects.toMatchObject({
      code: 'STORE_SCHEMA_NEWER',
      message: expect.stringMatching(/0002_second.*0001_first/),
    });
    await openAndClose(open, second, async (store) => {
      expect(await store.query('gate', listed)).toEqual([
        { name: '0001_first' },
        { name: '0002_second' },
      ]);
    });
  });

  it('changes nothing where a migration fails', async () => {
    const open = openWith();
    await openAndClose(open, first);
    await expect(open(broken)).rejects.toMatchObject({ code: 'STORE_MIGRATION_FAILED' });
    await openAndClose(open, second, async (store) => {
      const half = dynamicStatement('test.half', `SELECT to_regclass('half') IS NULL AS absent`);
      expect(await store.query('gate', half)).toEqual([{ absent: true }]);
    });
  });
}

describe('migrations (embedded store)', () => {
  migrations(() => {
    const folder = mkdtempSync(join(temporary, 'store-'));
    return (migrationsFolder) => openEmbeddedStore({ folder, migrationsFolder });
  });
});

describe.skipIf(!(await hasService('postgres')))('migrations (server store)', () => {
  const schemas: string[] = [];
  afterAll(async () => {
    for (const schema of schemas) await dropSchema(schema);
  });
  function openWith(): (migrationsFolder: string) => Promise<Store> {
    const schema = freshSchema();
    schemas.push(schema);
    return (migrationsFolder) =>
      openServerStore({ connectionString: postgresUrl, schema, migrationsFolder, poolSize: 2 });
  }
  migrations(openWith);

  it('calls a database that goes away meanwhile unavailable', async () => {
    const open = openWith();
    const fatal = migrationsWith('0002_fatal', 'SELECT pg_terminate_backend(pg_backend_pid());');
    await expect(open(fatal)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('runs each migration once where several processes start at once', async () => {
    const open = openWith();
    const stores = await Promise.all([open(second), open(second), open(second)]);
    const names = await Promise.all(stores.map((store) => store.query('gate', listed)));
    for (const store of stores) await store.close();
    for (const found of names) expect(found).toHaveLength(2);
  });
});
