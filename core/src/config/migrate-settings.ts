// Settings of an older version of a plugin are turned into those of the one that is installed, and the
// admin is told what to write instead. What is wrong with them after that is told of the new ones.
import { migrateSettings, settingsVersion, type UnknownSettings } from '@tributary/sdk';
import type { AnyPlugin } from '../plugins/check-plugin.ts';
import { failureText } from '../plugins/plugin-problem.ts';
import type { Instances } from './load-instances.ts';
import { isWithin, pathKey, type Issue, type Path } from './problem.ts';
import { createValidator, valueAt, type ValidationContext } from './validate.ts';

export interface Migrated {
  readonly issues: readonly Issue[];
  /** As given, and what came in by reference under the path that it has now. */
  readonly written: ReadonlyMap<string, string>;
}

/** Replaces older settings in `root`. */
export function migrateInstances(
  root: unknown,
  { sources, destinations, places }: Instances,
  context: Omit<ValidationContext, 'path'>,
): Migrated {
  const written = new Map(context.written);
  const issues = places.flatMap(({ path }) => {
    const [section, id = ''] = path;
    const plugin = section === 'sources' ? sources.get(String(id)) : destinations.get(String(id));
    const settings: unknown = valueAt(root, path);
    const steps = plugin?.migrations ?? [];
    if (!plugin || steps.length === 0 || path.at(-1) !== 'settings' || !isSettings(settings))
      return [];
    return migrateOne({ root, path, plugin, settings, context, written });
  });
  return { issues, written };
}

interface Migration {
  readonly root: unknown;
  readonly path: Path;
  readonly plugin: AnyPlugin;
  readonly settings: UnknownSettings;
  readonly context: Omit<ValidationContext, 'path'>;
  readonly written: Map<string, string>;
}

function migrateOne({ root, path, plugin, settings, context, written }: Migration): Issue[] {
  try {
    const found = migrateSettings(plugin, settings, (schema, value) => {
      const judged: unknown = structuredClone(value);
      return createValidator(schema)(judged, { ...context, path }).length === 0;
    });
    if (!found || found.changes.length === 0) return [];
    const parent: unknown = valueAt(root, path.slice(0, -1));
    if (!isSettings(parent)) return [];
    Reflect.set(parent, 'settings', structuredClone(found.settings));
    followReferences(settings, found.settings, path, written);
    return [
      {
        code: 'CONFIG_SETTINGS_OLD',
        severity: 'warning',
        path,
        at: 'key',
        message: `found settings of version ${found.version} of the plugin ${plugin.name}, expected version ${settingsVersion(plugin)}; they were taken for what they are now`,
        hint: `Write them anew: ${found.changes.join('; ')}.`,
      },
    ];
  } catch (error) {
    return [
      {
        code: 'PLUGIN_SETTINGS_REFUSED',
        path,
        at: 'key',
        message: `found a migration of the plugin ${plugin.name} failing (${error instanceof Error ? error.name : failureText(typeof error)}), expected newer settings`,
        hint: 'The error is the plugin’s own; ask its author, or write the settings anew.',
      },
    ];
  }
}

/** A text that came in by reference is one wherever it has gone. */
function followReferences(
  before: UnknownSettings,
  after: UnknownSettings,
  base: Path,
  written: Map<string, string>,
): void {
  const texts = new Map<string, string>();
  for (const [path, text] of textsOf(before, base)) {
    const reference = written.get(pathKey(path));
    if (reference !== undefined) texts.set(text, reference);
  }
  for (const [path, text] of textsOf(after, base)) {
    const reference = texts.get(text);
    if (reference !== undefined && isWithin(path, base)) written.set(pathKey(path), reference);
  }
}

function textsOf(value: unknown, path: Path): [Path, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    textsOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function isSettings(value: unknown): value is UnknownSettings {
  return typeof value === 'object' && value !== null;
}
