// `tributary rekey`: the deployment key replaced by another. The next one comes from config, or is made
// beside an embedded store; it never stands on a command line.
import { folderOf, type HubConfig } from '../config/hub-config.ts';
import { rekey, type RekeySummary } from '../rekey/rekey.ts';
import { withInternalSource } from '../sources/internal-source.ts';
import {
  decodeKey,
  makeKeyFile,
  makeNextKeyFile,
  readKeyFile,
  takeNextKeyFile,
} from '../standardise/key-file.ts';
import { configOption, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { createProgressBar } from './hub/progress-bar.ts';
import { readConfig } from './read-config.ts';
import type { SafeTerminal } from './terminal.ts';
import { withStoreAlone } from './with-store.ts';

export const rekeyCommand: Command = {
  name: 'rekey',
  summary: 'Replaces the deployment key, by which people are found.',
  positionals: [],
  options: {
    config: configOption,
    json: { type: 'boolean', description: 'what was done as JSON' },
  },
  required: ['config'],
  details:
    'Stop all hubs on the store first. With `hub.key` in the config: make that the next key and give the one\nof now as `hub.earlierKey`. Without: the next one is made beside the embedded store. All of it is changed\nor nothing, so after a crash run it again. Ids of profiles stay. Backups of before need the key of before.',
  examples: ['tributary rekey --config production.yaml'],
  async run(input, terminal) {
    const { config } = await readConfig(input.text('config') ?? '', terminal);
    const done = await withStoreAlone(config.store, async (store) => {
      const { from, to, finish } = await findKeys(config);
      const bar = createProgressBar(terminal);
      const settings = withInternalSource(config);
      const now = terminal.now();
      const summary = await rekey({ store, from, to, settings, now, onProgress: bar.show }).finally(
        bar.clear,
      );
      return { ...summary, keyOfBefore: await finish() };
    });
    if (input.flag('json')) terminal.out(JSON.stringify(done));
    else tell(done, terminal);
    return exitCodes.ok;
  },
};

interface Keys {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** @returns the file that the key of before is in, where it is in one. */
  finish(): Promise<string | undefined>;
}

async function findKeys(config: HubConfig): Promise<Keys> {
  const { deploymentKey, earlierKey } = config;
  const folder = folderOf(config);
  if (deploymentKey === undefined && folder !== undefined) {
    const from = await makeKeyFile(folder);
    const to = await makeNextKeyFile(folder);
    return { from, to, finish: () => takeNextKeyFile(folder) };
  }
  const to = decodeKey(deploymentKey ?? '', 'hub.key');
  const earlier =
    earlierKey === undefined
      ? folder && (await readKeyFile(folder))
      : decodeKey(earlierKey, 'hub.earlierKey');
  // Where there is none, the store may be under the next key already.
  return { from: earlier || to, to, finish: () => Promise.resolve(undefined) };
}

interface Done extends RekeySummary {
  readonly keyOfBefore: string | undefined;
}

function tell({ changed, hashes, keyOfBefore }: Done, terminal: SafeTerminal): void {
  terminal.out(
    changed
      ? `The store is under the new key: ${hashes} hashes were made anew.`
      : 'The store is under that key already: nothing was changed.',
  );
  terminal.out(
    keyOfBefore === undefined
      ? 'Take `hub.earlierKey` out of the config. Keep that key for as long as a backup of before.'
      : `The key of before is in ${keyOfBefore}. Keep it for as long as a backup of before.`,
  );
}
