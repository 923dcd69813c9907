// Secrets stay where they are: no log, no error, no outcome shows one, least of all in trouble.
import type { ContractCheck } from './contract-check.ts';
import { singleInputs } from './destination-inputs.ts';
import type { VendorReaction } from './loopback-vendor.ts';
import { playDestination, type DestinationStage, type Play } from './play-destination.ts';
import { holdsSecret } from './test-log.ts';
import { requireThat } from './violation.ts';

export function destinationSecretChecks(stage: DestinationStage): ContractCheck[] {
  return singleInputs(stage.cases).map(({ name, input }) => ({
    name: `${name}: shows no secret`,
    async run() {
      requireNoSecret(await playDestination(stage, { input }), 'all went well');
      for (const [when, reaction] of troubles) {
        const fault = { from: 0, react: (): VendorReaction => reaction };
        requireNoSecret(await playDestination(stage, { input, fault, timeoutMs: 250 }), when);
      }
      requireNoSecret(await playDestination(stage, { input, down: true }), 'the vendor was down');
    },
  }));
}

const troubles: readonly (readonly [string, VendorReaction])[] = [
  ['the credentials were refused', { status: 401, json: { error: 'unauthorised' } }],
  ['the request was refused', { status: 400, json: { error: 'never' } }],
  ['the vendor failed', { status: 500, body: 'trouble' }],
  ['the answer made no sense', { body: '<html>' }],
  ['the connection broke', 'reset'],
];

function requireNoSecret({ log, thrown, answer, secrets }: Play, when: string): void {
  for (const line of log) {
    requireThat(!holdsSecret(line, secrets), `when ${when} it logged a secret (${line.level})`);
  }
  requireThat(!holdsSecret(thrown, secrets), `when ${when} it threw an error with a secret in it`);
  requireThat(!holdsSecret(answer, secrets), `when ${when} an outcome held a secret`);
}
