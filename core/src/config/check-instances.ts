// What config asks of an instance must be something that its plugin can do.
import type { DestinationPlugin, SourcePlugin } from '@tributary/sdk';
import { knownNamespaces, unknownName } from './check-names.ts';
import { oneOf, quote } from './describe-error.ts';
import { definedAction, type Instances } from './load-instances.ts';
import type { Issue, Path } from './problem.ts';
import { each, keysAt, select, selectTexts } from './select.ts';
import { valueAt } from './validate.ts';

export function checkInstances(root: unknown, instances: Instances): Issue[] {
  const destinations = [...instances.destinations];
  return [
    ...reservedIds(root),
    ...sharedIds(root),
    ...destinations.flatMap(([id, plugin]) => [
      ...missingFeatures(root, id, plugin),
      ...unknownActions(root, id, plugin),
      ...unaddressable(root, id, plugin),
    ]),
    ...repeatedLists(root),
    ...sharedPaths(root, instances.sources),
  ];
}

/** What operators say comes from a source of the hub's own. */
const reserved = 'hub';

function reservedIds(root: unknown): Issue[] {
  if (!keysAt(root, 'sources').includes(reserved)) return [];
  return [
    {
      code: 'CONFIG_DUPLICATE',
      path: ['sources', reserved],
      at: 'key',
      message: `found a source with the id ${quote(reserved)}, expected another: the hub's own is called so`,
      hint: 'Give it another id.',
    },
  ];
}

/** Logs, metrics and the audit log name an instance by its id alone. */
function sharedIds(root: unknown): Issue[] {
  const sources = new Set(keysAt(root, 'sources'));
  return keysAt(root, 'destinations')
    .filter((id) => sources.has(id))
    .map((id) => ({
      code: 'CONFIG_DUPLICATE',
      path: ['destinations', id],
      at: 'key',
      message: `found the id ${quote(id)} on a source and on a destination, expected each id once`,
      hint: 'Give one of them another id.',
    }));
}

const features = ['audiences', 'profiles', 'events', 'actions'] as const;

function missingFeatures(root: unknown, id: string, plugin: DestinationPlugin): Issue[] {
  const offered = features.filter((feature) => plugin[feature] !== undefined);
  return features.flatMap((feature) => {
    const asked = valueAt(root, ['destinations', id, feature]);
    const isAsked = asked !== undefined && asked !== false && !isEmptyList(asked);
    if (!isAsked || plugin[feature] !== undefined) return [];
    return [
      {
        code: 'CONFIG_FEATURE_MISSING' as const,
        path: ['destinations', id, feature],
        at: 'key' as const,
        message: `found ${quote(feature)} for ${plugin.name}, which cannot take them, expected ${oneOf(offered)}`,
      },
    ];
  });
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function unknownActions(root: unknown, id: string, plugin: DestinationPlugin): Issue[] {
  if (!plugin.actions) return [];
  const known = Object.keys(plugin.actions);
  return selectTexts(root, ['destinations', id, 'actions', each, 'action'])
    .filter(({ value }) => definedAction(plugin, value) === undefined)
    .map(({ path, value }) => unknownName('action', path, value, known));
}

function unaddressable(root: unknown, id: string, plugin: DestinationPlugin): Issue[] {
  const known = knownNamespaces(root);
  if (plugin.identifiers.some((namespace) => known.includes(namespace))) return [];
  return [
    {
      code: 'CONFIG_NAME_UNKNOWN',
      path: ['destinations', id, 'plugin'],
      message: `found ${plugin.name}, which addresses people by ${oneOf(plugin.identifiers)}, expected one of these namespaces in \`identity\``,
      hint: 'Add the namespace to `identity.namespaces`.',
    },
  ];
}

/** Two audiences on one list would take each other's members off it. */
function repeatedLists(root: unknown): Issue[] {
  return select(root, ['destinations', each]).flatMap(({ path, value }) => {
    const lists = selectTexts(value, ['audiences', each, 'list']);
    return repeats(lists).map((repeated) => ({
      code: 'CONFIG_DUPLICATE' as const,
      path: [...path, ...repeated.path],
      message: `found the list ${quote(repeated.value)} a second time, expected one audience for each list`,
      hint: 'Give it a list of its own, or join both rules with `any` in one audience.',
    }));
  });
}

function sharedPaths(root: unknown, sources: ReadonlyMap<string, SourcePlugin>): Issue[] {
  const served = [...sources].flatMap(([id, plugin]) => {
    const { http } = plugin;
    if (!http) return [];
    const configured = valueAt(root, ['sources', id, 'mount']);
    const mount = typeof configured === 'string' ? configured : (http.mount ?? `/sources/${id}`);
    return http.paths.map((path) => ({
      path: ['sources', id, configured === undefined ? 'plugin' : 'mount'],
      value: `${mount}/${path}`.replace(/\/+/g, '/'),
    }));
  });
  const seen = new Set<string>();
  return repeats(served)
    .filter(({ path }) => !seen.has(String(path[1])) && seen.add(String(path[1])))
    .map(({ path, value }) => ({
      code: 'CONFIG_DUPLICATE',
      path,
      message: `found a second source that listens on ${quote(value)}, expected each path once`,
      hint: 'Give the instance a `mount` of its own.',
    }));
}

function repeats<Item extends { readonly path: Path; readonly value: string }>(
  items: readonly Item[],
): Item[] {
  const seen = new Set<string>();
  return items.filter(({ value }) => seen.has(value) || !seen.add(value));
}
