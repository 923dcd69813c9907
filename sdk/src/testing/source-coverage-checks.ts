// What has no example is played by no check: no way in which a source works may be left out.
import type { ContractCheck } from './contract-check.ts';
import type { SourceStage } from './play-source.ts';
import type { SourceExample } from './source-cases.ts';
import { requireThat } from './violation.ts';

export function sourceCoverageChecks(stage: SourceStage): ContractCheck[] {
  return [
    {
      name: 'has an example for each way it works',
      async run() {
        checkWays(stage);
        checkVendor(stage);
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

const ways = [
  { way: 'http', input: 'request', example: "{ request: { path: '/', body: { … } } }" },
  { way: 'pull', input: 'pull', example: '{ pull: {} }' },
  { way: 'stream', input: 'stream', example: '{ stream: {} }' },
] as const;

function isOf(example: SourceExample, input: (typeof ways)[number]['input']): boolean {
  return input in example.in;
}

function checkWays({ plugin, cases }: SourceStage): void {
  const missing = ways.filter(
    ({ way, input }) =>
      plugin[way] !== undefined &&
      !cases.examples.some((one) => isOf(one, input) && one.out.records.length > 0),
  );
  requireThat(
    missing.length === 0,
    () =>
      `there is no example with records for ${missing.map(({ way }) => way).join(', ')}: add to \`examples\` of the cases ${missing.map(({ example }) => `{ title: '…', in: ${example}, out: { records: […] } }`).join(' and ')}`,
  );
}

function checkVendor({ plugin, cases }: SourceStage): void {
  const asking = plugin.pull
    ? 'pulls'
    : plugin.check && !cases.upstream
      ? 'has `check`'
      : undefined;
  requireThat(
    asking === undefined || cases.vendor !== undefined,
    `it ${asking}, and nobody answers it: add \`vendor\` to the cases, with \`respond\``,
  );
}

/** They would be played by no check, and read as if the plugin could. */
function checkStrangeExamples({ plugin, cases }: SourceStage): void {
  const strange = ways
    .filter(({ way }) => plugin[way] === undefined)
    .flatMap(({ way, input }) =>
      cases.examples.filter((one) => isOf(one, input)).map(({ title }) => `«${title}» (${way})`),
    );
  requireThat(
    strange.length === 0,
    `the plugin has no function for ${strange.join(', ')}: add it, or take the example away`,
  );
}
