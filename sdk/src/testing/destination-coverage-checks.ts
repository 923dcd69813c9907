// What has no example is played by no check: nothing that a destination offers may be left out.
import type { ContractCheck } from './contract-check.ts';
import { fullestInputs, nameOfInput } from './destination-inputs.ts';
import { playDestination, type DestinationStage } from './play-destination.ts';
import { requireThat, violate } from './violation.ts';

export function destinationCoverageChecks(stage: DestinationStage): ContractCheck[] {
  return [
    {
      name: 'has an example for each thing it can do',
      async run() {
        checkCalls(stage);
        checkLists(stage);
        if (stage.plugin.poll) await checkPoll(stage);
      },
    },
    {
      name: 'has examples of nothing that it cannot do',
      async run() {
        checkStrangeExamples(stage);
      },
    },
  ];
}

/** The calls that the plugin takes, as the cases name them. */
function callsOf({ plugin }: DestinationStage): string[] {
  return [
    plugin.audiences && 'audiences.add',
    plugin.audiences?.remove && 'audiences.remove',
    plugin.profiles && 'profiles.upsert',
    plugin.events && 'events.forward',
    plugin.erase && 'erase',
    ...Object.keys(plugin.actions ?? {}).map((name) => `actions ${name}`),
  ].filter((name) => name !== undefined);
}

function checkCalls(stage: DestinationStage): void {
  const { examples } = stage.cases;
  const named = new Set(examples.map(({ in: input }) => nameOfInput(input)));
  // Only where all is delivered can it be seen what trouble makes of it.
  const shown = new Set(fullestInputs(stage.cases).map(({ name }) => name));
  const missing = callsOf(stage).filter((name) => !shown.has(name));
  if (missing.length === 0) return;
  const unfit = missing.filter((name) => named.has(name));
  const why =
    unfit.length === 0 ? '' : ` (of ${unfit.join(', ')} none has its deliveries delivered)`;
  violate(
    `there is no example for ${missing.join(', ')}${why}: add to \`examples\` of the cases one for each, e.g. ${exampleOf(missing[0] ?? '')}`,
  );
}

function exampleOf(name: string): string {
  const [call = '', action] = name.split(' ');
  const more = action === undefined ? '' : `, action: '${action}'`;
  const list = call.startsWith('audiences') ? ", list: 'vip'" : '';
  return `{ title: '…', in: { call: '${call}'${more}${list}, deliveries: [ada, bob] }, out: { requests: […] } }`;
}

function checkLists({ plugin, cases }: DestinationStage): void {
  if (!plugin.audiences?.list) return;
  requireThat(
    cases.lists?.some(({ out }) => out.members.length > 0) === true,
    "there is no example for audiences.list: add to `lists` of the cases one with members, e.g. { title: '…', in: { list: 'vip' }, out: { members: [{ key: 'ada@example.com' }] } }",
  );
}

async function checkPoll(stage: DestinationStage): Promise<void> {
  let polled = 0;
  const { poll } = stage.plugin;
  const plugin: typeof stage.plugin = {
    ...stage.plugin,
    poll: async (call) => {
      polled += 1;
      return poll?.(call) ?? [];
    },
  };
  for (const { in: input } of stage.cases.examples) {
    if (polled === 0) await playDestination({ ...stage, plugin }, { input });
  }
  requireThat(
    polled > 0,
    'there is no example for poll: let the vendor of one take a job, whose outcome is `accepted`',
  );
}

/** They would be played by no check, and read as if the plugin could. */
function checkStrangeExamples(stage: DestinationStage): void {
  const calls = callsOf(stage);
  const strange = stage.cases.examples
    .filter(({ in: input }) => !calls.includes(nameOfInput(input)))
    .map(({ title, in: input }) => `«${title}» (${nameOfInput(input)})`);
  requireThat(
    strange.length === 0,
    `the plugin has no function for ${strange.join(', ')}: add it, or take the example away`,
  );
}
