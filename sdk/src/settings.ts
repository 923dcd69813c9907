// One JSON Schema gives a plugin's settings their TypeScript type, their validation, their form and
// their page in the docs.
import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/**
 * A JSON Schema (draft 2020-12) of type object. `writeOnly: true` marks a secret.
 * Wider than the type that json-schema-to-ts knows: the compiler takes minutes over that one wherever
 * it meets it unresolved.
 */
export interface SettingsSchema {
  readonly type: 'object';
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly [keyword: string]: unknown;
}

/** What the hub knows of the settings of a plugin it was not compiled with. */
export type UnknownSettings = Readonly<Record<string, unknown>>;

/** The type of settings that fit the schema; `UnknownSettings` where the schema is any, or is none. */
export type SettingsOf<Schema extends SettingsSchema> = SettingsSchema extends Schema
  ? UnknownSettings
  : Schema extends JSONSchema
    ? FromSchema<Schema>
    : UnknownSettings;

/** What is wrong with settings that fit their schema. */
export interface SettingsFinding {
  /** JSON pointer. */
  readonly path: string;
  /** What was found and what to do; never a secret. */
  readonly message: string;
  /**
   * Where in the text at `path`, counted in UTF-16 units from 0: an expression, a template. The hub shows
   * the line and column in the file.
   */
  readonly offset?: number;
}

/** How one of the tests ended that settings carry of themselves. */
export interface SettingsTest {
  readonly title: string;
  /** JSON pointer to the test. */
  readonly path: string;
  /** What was found and what was expected; left out where it passed. */
  readonly problem?: string;
}
