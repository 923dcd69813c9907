// Runs the tests that settings carry of themselves, for every plugin that knows how to.
import {
  isJsonObject,
  redactSecrets,
  type SettingsTest,
  type UnknownSettings,
} from '@tributary/sdk';
import type { LoadedConfig } from '../config/load-config.ts';
import { timedOut, within } from '../plugins/within.ts';
import { failureText } from '../plugins/plugin-problem.ts';

/** Of one instance; beyond it the plugin has hung. */
const boundMs = 60_000;

interface Instance {
  readonly path: string;
  readonly settings: UnknownSettings;
  test(settings: UnknownSettings): Promise<readonly SettingsTest[]>;
}

/** Of all instances, in the config's order. A path is that of the config; a problem holds no secret of it. */
export async function testSettings(loaded: LoadedConfig): Promise<readonly SettingsTest[]> {
  const results: SettingsTest[] = [];
  for (const instance of instancesOf(loaded)) {
    results.push(...(await testInstance(instance, loaded.secrets)));
  }
  return results;
}

function instancesOf({ config, plugins }: LoadedConfig): Instance[] {
  const kinds = [
    { section: 'sources', settings: config.sources, found: plugins.sources },
    { section: 'destinations', settings: config.destinations, found: plugins.destinations },
  ] as const;
  return kinds.flatMap(({ section, settings, found }) =>
    [...settings.values()].flatMap((instance) => {
      const plugin = found.get(instance.id);
      if (plugin?.testSettings === undefined) return [];
      const path = `${section}.${instance.id}.settings`;
      return [{ path, settings: instance.settings, test: plugin.testSettings.bind(plugin) }];
    }),
  );
}

async function testInstance(
  { path, settings, test }: Instance,
  secrets: readonly string[],
): Promise<readonly SettingsTest[]> {
  const results = await runTests(() => test(settings));
  return results.map((result) => ({
    title: result.title,
    path: `${path}${result.path.replaceAll('/', '.')}`,
    ...(result.problem !== undefined && { problem: redactSecrets(result.problem, secrets) }),
  }));
}

async function runTests(
  run: () => Promise<readonly SettingsTest[]>,
): Promise<readonly SettingsTest[]> {
  try {
    const results = await within(run(), boundMs);
    if (results === timedOut) return [failed('the plugin did not end in time')];
    return isResults(results) ? results : [failed('the plugin returned no list of results')];
  } catch (error) {
    return [failed(`the plugin failed: ${failureText(error)}`)];
  }
}

/** A plugin is a stranger's code: what it returns may be anything. */
function isResults(results: unknown): boolean {
  return Array.isArray(results) && results.every(isResult);
}

function isResult(result: unknown): boolean {
  if (!isJsonObject(result)) return false;
  const { title, path, problem = '' } = result;
  return [title, path, problem].every((member) => typeof member === 'string');
}

function failed(problem: string): SettingsTest {
  return { title: 'all tests', path: '', problem };
}
