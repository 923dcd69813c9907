// `tributary rebuild`: people, consents and audiences again from the log, by the code and config of
// now. What was sent stays known, and nothing is sent.
import { appendAudit } from '../audit/append.ts';
import { createAudienceEngine } from '../audience/engine.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { takeChange } from '../resolve/change.ts';
import { rebuild } from '../resolve/rebuild.ts';
import type { ResolveRoom } from '../resolve/room.ts';
import { internalSource } from '../sources/internal-source.ts';
import { bindKeyToStore, loadDeploymentKey } from '../standardise/deployment-key.ts';
import type { Store } from '../store/store.ts';
import { configOption, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { readConfig } from './read-config.ts';
import type { SafeTerminal } from './terminal.ts';
import { withStore } from './with-store.ts';

export const rebuildCommand: Command = {
  name: 'rebuild',
  summary: 'Makes profiles, consents and audiences again from the log.',
  positionals: [],
  options: { config: configOption },
  required: ['config'],
  details:
    'For after an update that reads records in another way, or to prove that the state follows from the\nlog. Stop the hub first. What was sent stays known, and nothing is sent because of a rebuild.',
  examples: ['tributary rebuild --config config/demo.yaml'],
  async run(input, terminal) {
    const { config } = await readConfig(input.text('config') ?? '', terminal);
    await withStore(config.store, async (store) => {
      const room = await composeRoom(config, store, terminal);
      await rebuild({ store, room, onProgress: createProgress(terminal) });
    });
    terminal.out('Rebuilt.');
    return exitCodes.ok;
  },
};

async function composeRoom(
  config: HubConfig,
  store: Store,
  terminal: SafeTerminal,
): Promise<ResolveRoom> {
  const folder = config.store.kind === 'embedded' ? config.store.folder : undefined;
  const key = await loadDeploymentKey(config.deploymentKey, folder);
  return {
    settings: {
      ...config,
      sources: new Map([...config.sources, [internalSource.id, internalSource]]),
    },
    keys: await bindKeyToStore(store, key),
    audiences: createAudienceEngine({ config, takeChange, clock: () => performance.now() }),
    evaluate: true,
    appendAudit,
    now: () => terminal.now(),
  };
}

/** One line for each tenth: a log of millions has thousands of batches. */
function createProgress(terminal: SafeTerminal): (done: number, all: number) => void {
  let told = 0;
  return (done, all) => {
    const tenths = all === 0 ? 10 : Math.floor((done / all) * 10);
    if (tenths <= told) return;
    told = tenths;
    terminal.err(`${done} of ${all} events`);
  };
}
