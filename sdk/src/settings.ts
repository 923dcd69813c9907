// One JSON Schema gives a plugin's settings their TypeScript type, their validation, their form and
// their page in the docs.
import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/** A JSON Schema (draft 2020-12) of type object. `writeOnly: true` marks a secret. */
export type SettingsSchema = JSONSchema & { readonly type: 'object' };

export type SettingsOf<Schema extends SettingsSchema> = FromSchema<Schema>;
