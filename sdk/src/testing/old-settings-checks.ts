// Settings of every version that was ever published still lead to an instance that runs.
import { isDeepStrictEqual } from 'node:util';
import type { SettingsSchema, UnknownSettings } from '../settings.ts';
import { migrateSettings, type WithMigrations } from '../settings-migration.ts';
import { skipCheck, type ContractCheck } from './contract-check.ts';
import { validateSettings } from './validate-settings.ts';
import { requireThat, show, violate } from './violation.ts';

/** Settings as they once were, and what becomes of them. */
export interface OldSettings {
  /** From 1: the first that was published. */
  readonly version: number;
  readonly settings: UnknownSettings;
  readonly becomes: UnknownSettings;
}

const name = 'takes settings of every version';

export function oldSettingsChecks(
  plugin: WithMigrations,
  old: readonly OldSettings[] = [],
): ContractCheck[] {
  const { migrations = [] } = plugin;
  if (migrations.length === 0) return [skipCheck(name, 'its settings have one version')];
  return [
    {
      name,
      async run() {
        for (const [index, { change }] of migrations.entries()) {
          requireThat(change !== '', `step ${index + 1} says nothing of what is to be changed`);
          const isShown = old.some(({ version }) => version === index + 1);
          requireThat(isShown, `\`oldSettings\` of the cases has none of version ${index + 1}`);
        }
        for (const example of old) checkExample(plugin, example);
      },
    },
  ];
}

const fits = (schema: SettingsSchema, value: unknown): boolean =>
  validateSettings(schema, value).ok;

function checkExample(plugin: WithMigrations, { version, settings, becomes }: OldSettings): void {
  const migrate = (): UnknownSettings => {
    const found = migrateSettings(plugin, settings, fits);
    if (!found) return violate(`settings of version ${version} fit no schema: ${show(settings)}`);
    requireThat(
      found.version === version,
      `settings of version ${version} are taken for version ${found.version}: ${show(settings)}`,
    );
    return found.settings;
  };
  const [once, again] = [migrate(), migrate()];
  requireThat(isDeepStrictEqual(once, again), 'the same settings become others the second time');
  requireThat(
    isDeepStrictEqual(once, becomes),
    `settings of version ${version} become ${show(once)}, expected ${show(becomes)}`,
  );
  const verdict = validateSettings(plugin.settings, once);
  if (!verdict.ok) violate(`what they become breaks the schema: ${show(verdict.problems)}`);
}
