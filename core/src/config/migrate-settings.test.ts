// A config that was written for an older version of a plugin goes on, and its admin learns what to change.
import { expect, test } from 'vitest';
import { defineSource } from '@tributary/sdk';
import { checkPlugin } from '../plugins/check-plugin.ts';
import type { LoadPlugin } from '../plugins/load-plugin.ts';
import { loadConfig, type LoadedConfig } from './load-config.ts';

const text = (extra = {}) => ({ type: 'string', ...extra });

const crm = (migrate: (old: Readonly<Record<string, unknown>>) => Record<string, unknown>) =>
  defineSource({
    name: 'crm',
    title: 'CRM',
    settings: {
      type: 'object',
      properties: {
        apiKey: { type: 'string', writeOnly: true },
        region: { type: 'string', default: 'eu' },
      },
      required: ['apiKey'],
      additionalProperties: false,
    },
    migrations: [
      {
        change: '`key` is now called `apiKey`',
        from: {
          type: 'object',
          properties: { key: text({ writeOnly: true }), region: text() },
          required: ['key'],
          additionalProperties: false,
        },
        migrate,
      },
    ],
    http: { paths: ['/'], handle: () => ({ answer: { status: 204 } }) },
  });

async function load(
  settings: string,
  plugin = crm(({ key, ...others }) => ({ ...others, apiKey: key })),
): Promise<LoadedConfig> {
  const loadPlugin: LoadPlugin = async ({ name, kind }) =>
    checkPlugin({ default: plugin }, name, kind);
  const yaml = `tributary: 1\nsources:\n  people:\n    plugin: crm\n    settings: ${settings}\n`;
  return loadConfig('hub.yaml', {
    env: { CRM_KEY: 'a-key-from-outside' },
    readFile: async () => yaml,
    loadPlugin,
  });
}

test('older settings become newer ones, and a warning says what to write', async () => {
  const { config, warnings, secrets } = await load('{ key: "${CRM_KEY}" }');
  expect(config.sources.get('people')?.settings).toEqual({
    apiKey: 'a-key-from-outside',
    region: 'eu',
  });
  expect(secrets).toContain('a-key-from-outside');
  // The reference has moved with the secret: it does not stand in clear text.
  expect(warnings).toMatchObject([
    {
      code: 'CONFIG_SETTINGS_OLD',
      line: 5,
      path: 'sources.people.settings',
      message: expect.stringContaining('version 1 of the plugin crm, expected version 2'),
      hint: 'Write them anew: `key` is now called `apiKey`.',
    },
  ]);
});

test('a secret in clear text is warned of under its new name', async () => {
  const { warnings } = await load('{ key: in-clear-text }');
  expect(warnings.map(({ code }) => code).sort()).toEqual([
    'CONFIG_SECRET_IN_CLEAR',
    'CONFIG_SETTINGS_OLD',
  ]);
  expect(JSON.stringify(warnings)).not.toContain('in-clear-text');
});

test('newer settings are left alone', async () => {
  const { warnings } = await load('{ apiKey: "${CRM_KEY}" }');
  expect(warnings).toEqual([]);
});

test('settings of no version are judged as the newest', async () => {
  await expect(load('{ kee: x }')).rejects.toThrow(/CONFIG_KEY_UNKNOWN|CONFIG_KEY_MISSING/);
});

test('a step that throws is the plugin’s failure, told without a value', async () => {
  const broken = crm(({ key }) => {
    throw new Error(`cannot read ${String(key)}`);
  });
  const failure = await load('{ key: "${CRM_KEY}" }', broken).catch((error: unknown) => error);
  expect(String(failure)).toContain('PLUGIN_SETTINGS_REFUSED');
  expect(String(failure)).not.toContain('a-key-from-outside');
});
