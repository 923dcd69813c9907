// The configs that come with the hub are right, with the plugins that come with it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from './load-config.ts';
import { createConfigWorld } from './world.ts';

const folder = join(import.meta.dirname, '../../../config');

/** What the example for production asks its surroundings for. */
const production = {
  DATABASE_URL: 'postgres://hub:a-password-here@db.example.com/hub',
  TRIBUTARY_DEPLOYMENT_KEY: Buffer.alloc(32, 1).toString('base64'),
  SERVER_WRITE_KEY: 'server-write-key-1',
  CLIENT_WRITE_KEY: 'client-write-key-1',
  SENDGRID_API_KEY: 'SG.an-api-key',
  CRM_URL: 'https://crm.example.com/hooks',
  CRM_SECRET: 'whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTE=',
};

test('the demo needs nothing from its surroundings', async () => {
  const { config, warnings } = await loadConfig(join(folder, 'demo.yaml'), createConfigWorld({}));
  expect(warnings).toEqual([]);
  expect([...config.sources.keys()]).toEqual(['web', 'shop']);
  expect([...config.destinations.keys()]).toEqual(['mail', 'crm']);
  expect(config.audiences.map(({ name }) => name)).toEqual([
    'cart_abandoned',
    'lapsed_vips',
    'newsletter_readers',
  ]);
});

test('the example for production is right once its surroundings are', async () => {
  const file = join(folder, 'production.example.yaml');
  const { config, warnings, secrets } = await loadConfig(file, createConfigWorld(production));
  expect(warnings).toEqual([]);
  expect(config.store.kind).toBe('server');
  for (const secret of Object.values(production)) expect(secrets).toContain(secret);
});

test('the example for production names every variable that is missing', async () => {
  const file = join(folder, 'production.example.yaml');
  const failure = await loadConfig(file, createConfigWorld({})).catch(String);
  for (const name of Object.keys(production)) expect(failure).toContain(`variable ${name},`);
});

test('no secret stands in the example for production', async () => {
  const text = await readFile(join(folder, 'production.example.yaml'), 'utf8');
  expect(text).not.toMatch(/SG\.|whsec_|password/);
});
