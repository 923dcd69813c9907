// Settings change with the years, and nobody's hub stops for it: a plugin says what its settings were,
// and how the old become the new.
import type { SettingsSchema, UnknownSettings } from './settings.ts';

/**
 * One step from a version of the settings to the next. A plugin lists its steps, the oldest first; its
 * settings have as many versions as it has steps, and one more.
 */
export interface SettingsMigration {
  /** What the admin is to change, in words: «`key` is now called `apiKey`». */
  readonly change: string;
  /**
   * The schema before this step, `writeOnly` included. Settings are of the newest version whose schema
   * they fit: where the meaning of a setting changes, change its name as well.
   */
  readonly from: SettingsSchema;
  /** The settings as the next version has them. Pure; what it is given is frozen. */
  migrate(settings: UnknownSettings): UnknownSettings;
}

/** Settings of the newest version, and what it took to make them. */
export interface MigratedSettings {
  /** Which version they were, from 1. */
  readonly version: number;
  readonly settings: UnknownSettings;
  /** What the admin is to change; empty where they were of the newest version. */
  readonly changes: readonly string[];
}

/** The part of a plugin's definition that tells how its settings changed. */
export interface WithMigrations {
  readonly settings: SettingsSchema;
  readonly migrations?: readonly SettingsMigration[];
}

/** The version of the settings that a plugin has now, from 1. */
export function settingsVersion({ migrations = [] }: WithMigrations): number {
  return migrations.length + 1;
}

/**
 * Settings of any version as the newest has them; undefined where they fit none. Throws what a step
 * throws.
 * @param fits whether a value fits a schema
 */
export function migrateSettings(
  plugin: WithMigrations,
  given: UnknownSettings,
  fits: (schema: SettingsSchema, value: unknown) => boolean,
): MigratedSettings | undefined {
  const { migrations = [] } = plugin;
  if (fits(plugin.settings, given)) {
    return { version: settingsVersion(plugin), settings: given, changes: [] };
  }
  const from = migrations.findLastIndex((step) => fits(step.from, given));
  if (from < 0) return undefined;
  const steps = migrations.slice(from);
  const settings = steps.reduce<UnknownSettings>(
    (old, step) => step.migrate(freeze(structuredClone(old))),
    given,
  );
  return { version: from + 1, settings, changes: steps.map(({ change }) => change) };
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
