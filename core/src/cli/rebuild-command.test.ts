// `tributary rebuild` empties what hubs work on: nobody may be at it meanwhile.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dropSchema, freshSchema } from '../../../test/support/schemas.ts';
import { hasService, postgresUrl } from '../../../test/support/services.ts';
import { openStore } from '../store/open.ts';
import { dynamicStatement } from '../store/store.ts';
import { main } from './main.ts';

const schema = freshSchema();
const hasPostgres = await hasService('postgres');
const folder = await mkdtemp(join(tmpdir(), 'tributary-cli-rebuild-'));
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  if (hasPostgres) await dropSchema(schema);
});

async function rebuild(file: string): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const world = { out: say, err: say, env: {}, now: () => Date.UTC(2026, 0, 1) };
  const code = await main(['rebuild', '--config', file], world);
  return { code, said: said.join('\n') };
}

test.skipIf(!hasPostgres)('a server store is rebuilt while no hub works on it', async () => {
  const file = join(folder, 'hub.yaml');
  const key = Buffer.alloc(32, 5).toString('base64');
  const hub = { store: { url: postgresUrl, schema }, key };
  await writeFile(file, JSON.stringify({ tributary: 1, hub }));

  const used = await openStore({ url: postgresUrl, schema });
  await used.query('background', dynamicStatement('test.use', 'SELECT 1'));
  const refused = await rebuild(file);
  await used.close();
  expect(refused.code).toBe(4);
  expect(refused.said).toContain('STORE_LOCKED');
  expect(refused.said).toContain('Stop all its hubs');

  expect(await rebuild(file)).toMatchObject({ code: 0 });
});
