// Loads the plugins that a document names and judges each instance's settings by the plugin's own
// schema and `validate`. An instance that is not enabled is judged all the same.
import type { DestinationPlugin, SourcePlugin } from '@tributary/sdk';
import { attributed } from '../plugins/attribution.ts';
import type { AnyPlugin, PluginKind } from '../plugins/check-plugin.ts';
import type { LoadPlugin } from '../plugins/load-plugin.ts';
import { failureText } from '../plugins/plugin-problem.ts';
import type { ShowValue } from './describe-error.ts';
import type { Issue, Path } from './problem.ts';
import type { SchemaPlace } from './secrecy.ts';
import { each, selectTexts } from './select.ts';
import { createValidator, valueAt, type Validator } from './validate.ts';

export interface Instances {
  readonly sources: ReadonlyMap<string, SourcePlugin>;
  readonly destinations: ReadonlyMap<string, DestinationPlugin>;
  /** What describes the settings and parameters of each instance. */
  readonly places: readonly SchemaPlace[];
  readonly issues: readonly Issue[];
}

interface Request {
  readonly id: string;
  readonly kind: PluginKind;
  readonly name: string;
  readonly path: Path;
}

export async function loadInstances(
  root: unknown,
  configFile: string,
  load: LoadPlugin,
): Promise<Instances> {
  const requests = [...requestsFor(root, 'source'), ...requestsFor(root, 'destination')];
  const issues: Issue[] = [];
  const places: SchemaPlace[] = [];
  const sources = new Map<string, SourcePlugin>();
  const destinations = new Map<string, DestinationPlugin>();
  const loaded = await Promise.all(
    requests.map(async ({ name, kind }) => load({ name, kind, configFile })),
  );
  for (const [index, request] of requests.entries()) {
    const answer = loaded[index];
    if (!answer) continue;
    if ('problem' in answer) {
      issues.push({ ...answer.problem, path: request.path });
      continue;
    }
    const { plugin } = answer;
    if (plugin.kind === 'source') sources.set(request.id, plugin);
    else destinations.set(request.id, plugin);
    places.push(...placesOf(root, request, plugin));
  }
  return { sources, destinations, places, issues };
}

function requestsFor(root: unknown, kind: PluginKind): Request[] {
  return selectTexts(root, [`${kind}s`, each, 'plugin']).map(({ path, value }) => ({
    id: String(path[1]),
    kind,
    name: value,
    path,
  }));
}

function placesOf(root: unknown, { path, id }: Request, plugin: AnyPlugin): SchemaPlace[] {
  const own = path.slice(0, 2);
  const settings = { path: [...own, 'settings'], schema: plugin.settings };
  if (plugin.kind === 'source') return [settings];
  const actions = selectTexts(root, ['destinations', id, 'actions', each, 'action']);
  return [
    settings,
    ...actions.map((action) => ({
      path: [...action.path.slice(0, -1), 'parameters'],
      schema: definedAction(plugin, action.value)?.parameters ?? { type: 'object' },
    })),
  ];
}

export function definedAction(
  plugin: DestinationPlugin,
  name: string,
): NonNullable<DestinationPlugin['actions']>[string] | undefined {
  return plugin.actions && Object.hasOwn(plugin.actions, name) ? plugin.actions[name] : undefined;
}

/** Fills in the defaults of settings and parameters in `root`. */
export function checkSettings(
  root: unknown,
  { sources, destinations, places }: Instances,
  written: ReadonlyMap<string, string>,
  show: ShowValue,
): Issue[] {
  return places.flatMap(({ path, schema }) => {
    const [section, id = ''] = path;
    const plugin = section === 'sources' ? sources.get(String(id)) : destinations.get(String(id));
    const value = valueAt(root, path);
    if (!plugin || !schema || typeof value !== 'object' || value === null) return [];
    const validate = compile(schema, plugin.name, path);
    if ('issue' in validate) return [validate.issue];
    const issues = validate.run(value, { path, written, show });
    if (issues.length > 0 || path.at(-1) !== 'settings') return issues;
    const name = valueAt(root, [...path.slice(0, 2), 'plugin']);
    return askPlugin(plugin, value, path, String(name));
  });
}

function compile(
  schema: object,
  plugin: string,
  path: Path,
): { run: Validator } | { issue: Issue } {
  try {
    return { run: createValidator(schema) };
  } catch (error) {
    const message = `found a settings schema in the plugin ${plugin} that is no JSON Schema (${failureText(error)}), expected one`;
    return { issue: { code: 'PLUGIN_INVALID', path, at: 'key', message } };
  }
}

/**
 * The plugin's own opinion of settings that its schema accepts. Asked under the plugin's name and not the
 * instance's, as it was loaded: what hangs here cannot be left out, since it is asked before anything is.
 */
function askPlugin(plugin: AnyPlugin, settings: object, path: Path, name: string): Issue[] {
  try {
    const validate: unknown = plugin.validate;
    if (typeof validate !== 'function') return [];
    const answer: unknown = attributed(name, (): unknown =>
      Reflect.apply(validate, plugin, [settings]),
    );
    if (!Array.isArray(answer)) throw new TypeError('it returned something other than a list');
    return answer.flatMap((entry: unknown) => refused(entry, path));
  } catch (error) {
    return [
      {
        code: 'PLUGIN_SETTINGS_REFUSED',
        path,
        at: 'key',
        message: `found \`validate\` of the plugin ${plugin.name} failing (${failureText(error)}), expected a list of problems`,
        hint: 'The error is the plugin’s own; ask its author.',
      },
    ];
  }
}

function refused(entry: unknown, path: Path): Issue[] {
  const where: unknown = valueAt(entry, ['path']);
  const inner =
    typeof where === 'string' ? where.split(/[./[\]]+/).filter((part) => part !== '') : [];
  const below = inner.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const message = failureText(valueAt(entry, ['message']));
  const offset: unknown = valueAt(entry, ['offset']);
  return [
    {
      code: 'PLUGIN_SETTINGS_REFUSED',
      path: [...path, ...below],
      message,
      ...(typeof offset === 'number' ? { offset } : {}),
    },
  ];
}
