// Settings are judged in tests as the hub judges them: by their schema, defaults filled in.
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import * as formats from 'ajv-formats';
import type { SettingsSchema, UnknownSettings } from '../settings.ts';

/** Where settings break their schema, and how; never the value. */
export interface SettingsProblem {
  /** JSON pointer. */
  readonly path: string;
  readonly message: string;
}

/** Settings with defaults filled in, or all that is wrong with them. */
export type SettingsVerdict =
  | { readonly ok: true; readonly settings: UnknownSettings }
  | { readonly ok: false; readonly problems: readonly SettingsProblem[] };

/** The settings with defaults filled in, or what is wrong with them. The value itself is not changed. */
export function validateSettings(schema: SettingsSchema, value: unknown): SettingsVerdict {
  return createSettingsValidator(schema)(value);
}

/** The same for one schema and many values. */
export function createSettingsValidator(
  schema: SettingsSchema,
): (value: unknown) => SettingsVerdict {
  const ajv = new Ajv2020({ allErrors: true, useDefaults: true, strict: false });
  formats.default.default(ajv);
  const isValid = ajv.compile<UnknownSettings>(schema);
  return (value) => {
    const settings: unknown = structuredClone(value);
    if (isValid(settings)) return { ok: true, settings };
    return { ok: false, problems: (isValid.errors ?? []).map(describe) };
  };
}

function describe({ instancePath, message, params }: ErrorObject): SettingsProblem {
  const name = 'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : '';
  return { path: instancePath, message: `${message ?? 'is not valid'}${name}` };
}
