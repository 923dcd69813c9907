// Secrets stay where they are: no log, no error, no answer, no checkpoint shows one.
import type { ContractCheck } from './contract-check.ts';
import type { VendorReaction } from './loopback-vendor.ts';
import { playPull, playRequest, type SourceStage, type Traces } from './play-source.ts';
import { holdsSecret } from './test-log.ts';
import { requireThat } from './violation.ts';

export function sourceSecretChecks(stage: SourceStage): ContractCheck[] {
  return [
    {
      name: 'shows no secret',
      async run() {
        if (stage.plugin.http) await checkRequests(stage);
        if (stage.plugin.pull) await checkPulls(stage);
      },
    },
  ];
}

async function checkRequests(stage: SourceStage): Promise<void> {
  for (const { in: input } of stage.cases.examples) {
    if (!('request' in input)) continue;
    const bodies = [input.request.body ?? '', '{"half":'];
    for (const body of bodies) {
      const play = await playRequest(stage, { ...input.request, body });
      requireNoSecret(play, play.result, 'a request');
    }
  }
}

const troubles: readonly VendorReaction[] = [{ status: 401 }, { status: 500, body: 'x' }, 'reset'];

async function checkPulls(stage: SourceStage): Promise<void> {
  const whole = await playPull(stage, undefined);
  requireNoSecret(whole, [whole.pages, whole.thrown], 'a pull');
  for (const reaction of troubles) {
    const play = await playPull(stage, undefined, { trouble: { from: 0, react: () => reaction } });
    requireNoSecret(play, [play.pages, play.thrown], 'a pull that failed');
  }
}

function requireNoSecret({ log, secrets }: Traces, result: unknown, what: string): void {
  requireThat(!holdsSecret(log, secrets), `${what} logged a secret`);
  requireThat(
    !holdsSecret(result, secrets),
    `${what} gave a secret away in what it returned or threw`,
  );
}
