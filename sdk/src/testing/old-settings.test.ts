// Settings of older versions: how the kit judges a plugin's steps, and how they are applied.
import { describe, expect, test } from 'vitest';
import { migrateSettings, settingsVersion, type SettingsMigration } from '../index.ts';
import { runChecks, validateSettings, type OldSettings } from './index.ts';
import { oldSettingsChecks } from './old-settings-checks.ts';

const text = { type: 'string' } as const;
const schema = (properties: object, required: readonly string[]) =>
  ({
    type: 'object',
    properties: { ...properties },
    required,
    additionalProperties: false,
  }) as const;

const renamed: SettingsMigration = {
  change: '`key` is now called `apiKey`',
  from: schema({ key: text, region: text }, ['key']),
  migrate: ({ key, ...others }) => ({ ...others, apiKey: key }),
};
const split: SettingsMigration = {
  change: '`region` became `baseUrl`',
  from: schema({ apiKey: text, region: text }, ['apiKey']),
  migrate: ({ region = 'us', ...others }) => ({
    ...others,
    baseUrl: `https://${String(region)}.example`,
  }),
};
const plugin = {
  settings: schema({ apiKey: text, baseUrl: text }, ['apiKey', 'baseUrl']),
  migrations: [renamed, split],
};
const fits = (...given: Parameters<typeof validateSettings>): boolean =>
  validateSettings(...given).ok;

describe('migrating', () => {
  test.each([
    ['the first version takes all steps', { key: 'k', region: 'eu' }, 1, 2],
    ['the second takes the last', { apiKey: 'k', region: 'eu' }, 2, 1],
    ['the newest takes none', { apiKey: 'k', baseUrl: 'https://eu.example' }, 3, 0],
  ])('%s', (_, given, version, changes) => {
    const found = migrateSettings(plugin, given, fits);
    expect(found).toMatchObject({
      version,
      settings: { apiKey: 'k', baseUrl: 'https://eu.example' },
    });
    expect(found?.changes).toHaveLength(changes);
    expect(settingsVersion(plugin)).toBe(3);
  });

  test('what fits no version is not touched', () => {
    expect(migrateSettings(plugin, { kee: 'k' }, fits)).toBeUndefined();
  });
});

describe('the check', () => {
  const old: OldSettings[] = [
    { version: 1, settings: { key: 'k' }, becomes: { apiKey: 'k', baseUrl: 'https://us.example' } },
    {
      version: 2,
      settings: { apiKey: 'k' },
      becomes: { apiKey: 'k', baseUrl: 'https://us.example' },
    },
  ];
  const verdict = async (...given: Parameters<typeof oldSettingsChecks>): Promise<string> => {
    const [result] = await runChecks(oldSettingsChecks(...given));
    if (result?.error instanceof Error) return result.error.message;
    return result?.skipped ?? 'passed';
  };

  test('passes where every version has an example that holds', async () => {
    expect(await verdict(plugin, old)).toBe('passed');
    expect(await verdict({ settings: plugin.settings })).toContain('one version');
  });

  test.each<[string, SettingsMigration, OldSettings[], RegExp]>([
    ['a version without an example', split, old.slice(0, 1), /has none of version 2/],
    [
      'a step that changes what it is given',
      { ...split, migrate: (given) => Object.assign(given, { baseUrl: 'x' }) },
      old,
      /read only|extensible/,
    ],
    [
      'a step that leads nowhere',
      { ...split, migrate: ({ apiKey }) => ({ apiKey }) },
      old,
      /become/,
    ],
    ['a step without words', { ...split, change: '' }, old, /says nothing/],
  ])('finds %s', async (_, step, examples, found) => {
    expect(await verdict({ ...plugin, migrations: [renamed, step] }, examples)).toMatch(found);
  });
});
