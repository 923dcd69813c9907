// What a function must do that a plugin need not have and that asks its vendor something: `check`,
// `setup`, the reading back of lists. It runs when an admin asks or when a pause is to end, and whoever
// waits for it must hear the truth, in time.
import { isPluginError } from '../plugin-error.ts';
import type { ContractCheck } from './contract-check.ts';
import type { VendorAnswer, VendorReaction } from './loopback-vendor.ts';
import type { FunctionOptions, FunctionPlay } from './function-play.ts';
import { requireNoStrangers } from './only-to.ts';
import { holdsSecret } from './test-log.ts';
import { requireThat, show, violate } from './violation.ts';

export interface OptionalFunction {
  /** As the definition has it, e.g. `audiences.list`. */
  readonly name: string;
  play(options: FunctionOptions): Promise<FunctionPlay>;
  /** Fails the check where what came back is wrong. */
  judge(value: unknown): void;
  /** True where an answer without asking anybody would be made up. */
  readonly mustAsk: boolean;
  /** «Wrong credentials». Default: status 401. */
  unauthorised?(): VendorAnswer;
}

/** The check that needs a vendor in good health only. */
export function healthyCheck(probe: OptionalFunction): ContractCheck {
  return {
    name: `${probe.name}: does what it is for, and ends`,
    run: async () => checkHealthy(probe),
  };
}

export function optionalChecks(probe: OptionalFunction): ContractCheck[] {
  const { name } = probe;
  return [
    healthyCheck(probe),
    {
      name: `${name}: pauses when its credentials are refused`,
      run: async () => checkRefused(probe),
    },
    { name: `${name}: takes no failure for an answer`, run: async () => checkFailures(probe) },
    { name: `${name}: stops when it is told to`, run: async () => checkStop(probe) },
    { name: `${name}: shows no secret`, run: async () => checkSecrets(probe) },
  ];
}

async function checkHealthy(probe: OptionalFunction): Promise<void> {
  const { result, requests, strangers } = await probe.play({});
  requireNoStrangers(strangers);
  if ('error' in result) violate(`all was well, and it threw ${show(result.error)}`);
  probe.judge(result.value);
  requireThat(
    requests > 0 || !probe.mustAsk,
    'it asked its vendor nothing: what it says would be made up',
  );
}

const refusal: VendorAnswer = { status: 401, json: { error: 'unauthorised' } };

async function checkRefused(probe: OptionalFunction): Promise<void> {
  if ((await probe.play({})).requests === 0) return;
  const react = (): VendorReaction => probe.unauthorised?.() ?? refusal;
  const { result } = await probe.play({ fault: { from: 0, react } });
  const thrown = 'error' in result ? result.error : violate('its credentials refused, it passed');
  requireThat(
    isPluginError(thrown) && thrown.kind === 'auth',
    `its credentials refused, it threw ${show(thrown)}, not an error of kind \`auth\``,
  );
}

/** More requests than this are alike. */
const mostBegun = 12;
const failures: readonly (readonly [string, VendorReaction])[] = [
  ['answered 500', { status: 500, json: { error: 'trouble' } }],
  ['broke off', 'reset'],
];

async function checkFailures(probe: OptionalFunction): Promise<void> {
  const { requests } = await probe.play({});
  for (let from = 0; from < Math.min(requests, mostBegun); from += 1) {
    for (const [what, reaction] of failures) {
      const { result } = await probe.play({ fault: { from, react: () => reaction } });
      requireThat(
        'error' in result,
        `from request ${from + 1} of ${requests} on the vendor ${what}, and it ended as if all were well: throw`,
      );
    }
  }
}

const mostAfterAbortMs = 1_000;

async function checkStop(probe: OptionalFunction): Promise<void> {
  const { endedAfterAbortMs } = await probe.play({
    fault: { from: 0, react: () => 'hang' },
    timeoutMs: 60_000,
    abortAfterMs: 150,
  });
  if (endedAfterAbortMs === undefined) return;
  requireThat(
    endedAfterAbortMs <= mostAfterAbortMs,
    `it ended ${Math.round(endedAfterAbortMs)} ms after the signal aborted: hand the call's \`signal\` to what it waits for`,
  );
}

async function checkSecrets(probe: OptionalFunction): Promise<void> {
  const reactions: readonly VendorReaction[] = [
    probe.unauthorised?.() ?? refusal,
    ...failures.map(([, reaction]) => reaction),
  ];
  requireNoSecret(await probe.play({}));
  for (const reaction of reactions) {
    requireNoSecret(await probe.play({ fault: { from: 0, react: () => reaction } }));
  }
  requireNoSecret(await probe.play({ down: true }));
}

function requireNoSecret({ log, result, secrets }: FunctionPlay): void {
  requireThat(!holdsSecret(log, secrets), 'it logged a secret');
  requireThat(!holdsSecret(result, secrets), 'it gave a secret away in what it returned or threw');
}
