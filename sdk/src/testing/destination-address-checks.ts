// A plugin that calls whatever address somebody types could be sent into the hub's own network: to its
// database, to a cloud's metadata. It reaches what is public, and what settings name.
import { skipCheck, type ContractCheck } from './contract-check.ts';
import { singleInputs } from './destination-inputs.ts';
import { playDestination, type DestinationStage } from './play-destination.ts';
import { requireThat } from './violation.ts';

const words = 'reaches no private address that its settings do not name';

export function destinationAddressChecks(stage: DestinationStage): ContractCheck[] {
  const { guardedSettings: settings } = stage.cases;
  if (settings === undefined) {
    return [skipCheck(words, 'the cases name no `guardedSettings`: it calls its vendor alone')];
  }
  const guarded = { ...stage, cases: { ...stage.cases, settings } };
  return singleInputs(stage.cases).map(({ name, input }) => ({
    name: `${name}: ${words}`,
    async run() {
      const { requests, verdicts } = await playDestination(guarded, { input });
      requireThat(
        requests.length === 0,
        'it called the loopback: give `fetch` a `guard` with the hosts that settings allow',
      );
      const isTold = [...verdicts.values()].every(({ kind }) => kind !== 'delivered');
      requireThat(isTold, 'it called nobody and said that all was delivered');
    },
  }));
}
