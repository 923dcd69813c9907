// Runs the tests that settings carry of themselves, for every plugin that knows how to.
import type { SettingsTest, UnknownSettings } from '@tributary/sdk';
import type { LoadedConfig } from '../config/load-config.ts';
import { timedOut, within } from '../plugins/within.ts';
import { failureText } from '../plugins/plugin-problem.ts';
import type { SafeTerminal } from './terminal.ts';

/** Of one instance; beyond it the plugin has hung. */
const boundMs = 60_000;

interface Instance {
  readonly path: string;
  readonly settings: UnknownSettings;
  test(settings: UnknownSettings): Promise<readonly SettingsTest[]>;
}

/** Tells how each instance's tests went; false where one failed. */
export async function testSettings(loaded: LoadedConfig, terminal: SafeTerminal): Promise<boolean> {
  let failures = 0;
  let passes = 0;
  for (const instance of instancesOf(loaded)) {
    for (const { title, path, problem } of await testInstance(instance)) {
      const where = `${instance.path}${path.replaceAll('/', '.')}`;
      if (problem === undefined) passes += 1;
      else {
        failures += 1;
        terminal.err(`SETTINGS_TEST_FAILED: ${where}: "${title}": ${problem}`);
      }
    }
  }
  terminal.out(`${passes} of ${passes + failures} tests of settings pass.`);
  return failures === 0;
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

async function testInstance({ settings, test }: Instance): Promise<readonly SettingsTest[]> {
  try {
    const results = await within(Promise.resolve(test(settings)), boundMs);
    return results === timedOut ? [failed('the plugin did not end in time')] : results;
  } catch (error) {
    return [failed(`the plugin failed: ${failureText(error)}`)];
  }
}

function failed(problem: string): SettingsTest {
  return { title: 'all tests', path: '', problem };
}
