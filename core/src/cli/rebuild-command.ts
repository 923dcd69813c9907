// `tributary rebuild`: people, consents and audiences again from the log, by the code and config of
// now. What was sent stays known, and nothing is sent.
import { appendAudit } from '../audit/append.ts';
import { createAudienceEngine } from '../audience/engine.ts';
import { folderOf, type HubConfig } from '../config/hub-config.ts';
import { takeChange } from '../resolve/change.ts';
import { countLog } from '../resolve/count-log.ts';
import { rebuild } from '../resolve/rebuild.ts';
import type { ResolveRoom } from '../resolve/room.ts';
import { internalSource } from '../sources/internal-source.ts';
import { openDeploymentKeys } from '../standardise/deployment-key.ts';
import type { Store } from '../store/store.ts';
import { configOption, jsonOption, tell, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { createProgressBar } from './hub/progress-bar.ts';
import { readConfig } from './read-config.ts';
import type { SafeTerminal } from './terminal.ts';
import { withStoreAlone } from './with-store.ts';

export const rebuildCommand: Command = {
  name: 'rebuild',
  summary: 'Makes profiles, consents and audiences again from the log.',
  positionals: [],
  options: { config: configOption, json: jsonOption },
  required: ['config'],
  details:
    'For after an update that reads records in another way, or to prove that the state follows from the\nlog. Stop all hubs on the store first; one that runs rebuilds by itself, without --config.',
  examples: ['tributary rebuild --config config/demo.yaml'],
  async run(input, terminal) {
    const { config } = await readConfig(input.text('config') ?? '', terminal);
    const bar = createProgressBar(terminal);
    const events = await withStoreAlone(config.store, async (store) => {
      const room = await composeRoom(config, store, terminal);
      await rebuild({ store, room, onProgress: bar.show });
      return countLog(store);
    });
    bar.clear();
    tell({ events }, `Rebuilt from ${events} events.`, { input, terminal });
    return exitCodes.ok;
  },
};

async function composeRoom(
  config: HubConfig,
  store: Store,
  terminal: SafeTerminal,
): Promise<ResolveRoom> {
  return {
    settings: {
      ...config,
      sources: new Map([...config.sources, [internalSource.id, internalSource]]),
    },
    keys: await openDeploymentKeys(store, config.deploymentKey, folderOf(config)),
    audiences: createAudienceEngine({ config, takeChange, clock: () => performance.now() }),
    evaluate: true,
    appendAudit,
    now: () => terminal.now(),
  };
}
