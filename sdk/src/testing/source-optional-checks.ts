// The functions that a source may have beside those that bring records.
import { isPluginError } from '../plugin-error.ts';
import { skipCheck, type ContractCheck } from './contract-check.ts';
import { requireNoStrangers } from './only-to.ts';
import { healthyCheck, optionalChecks, type OptionalFunction } from './optional-checks.ts';
import {
  bytesOf,
  playRequest,
  playSourceFunction,
  signedHeaders,
  type SourceStage,
} from './play-source.ts';
import { settingsFor } from './play-destination.ts';
import { settle } from './settle.ts';
import type { IncomingExample } from './source-cases.ts';
import { requireSame, type HttpExample } from './source-http-checks.ts';
import { requireThat, show, violate } from './violation.ts';

export function sourceOptionalChecks(stage: SourceStage): ContractCheck[] {
  const { plugin } = stage;
  const examples = stage.cases.examples.filter(
    (example): example is HttpExample => 'request' in example.in,
  );
  return [
    ...(plugin.check ? credentialChecks(stage) : []),
    ...(plugin.preview ? [previewCheck(stage, examples)] : []),
    ...(plugin.reread ? [rereadCheck(stage, examples)] : []),
  ];
}

function credentialChecks(stage: SourceStage): ContractCheck[] {
  const { cases } = stage;
  const probe: OptionalFunction = {
    name: 'check',
    play: async ({ fault, ...options }) =>
      playSourceFunction(stage, { ...options, ...(fault && { trouble: fault }) }, async (call) =>
        stage.plugin.check?.(call),
      ),
    judge: () => undefined,
    mustAsk: cases.vendor !== undefined,
    ...(cases.vendor?.unauthorised && { unauthorised: cases.vendor.unauthorised }),
  };
  if (!cases.upstream) return optionalChecks(probe);
  const why = 'what it asks is not the vendor of the cases: it cannot be made to refuse';
  return [healthyCheck(probe), skipCheck('check: pauses when its credentials are refused', why)];
}

/** What is shown before a message counts must be what becomes of it. */
function previewCheck(stage: SourceStage, examples: readonly HttpExample[]): ContractCheck {
  return {
    name: 'preview: shows what would become of a message',
    async run() {
      for (const example of examples) await checkPreview(stage, example);
    },
  };
}

async function checkPreview(
  stage: SourceStage,
  { title, in: input, out }: HttpExample,
): Promise<void> {
  const { plugin, cases, validate } = stage;
  const { request } = input;
  const settings = settingsFor(validate, cases.settings('http://127.0.0.1:9'));
  const sample = {
    body: bytesOf(request.body),
    headers: signedHeaders(stage, request, settings),
    ...(request.path !== undefined && { path: request.path }),
  };
  const result = await settle(async () => plugin.preview?.(settings, sample));
  if ('error' in result) violate(`of the example «${title}» it threw ${show(result.error)}`);
  const { value } = result;
  if (!value || !Array.isArray(value.problems) || !Array.isArray(value.records)) {
    violate(`of the example «${title}» it returned ${show(value)}, expected records and problems`);
  }
  if (out.records.length === 0 && value.records.length === 0) return;
  requireThat(
    value.records.length > 0,
    () => `of the example «${title}» it shows no records, because ${show(value.problems)}`,
  );
  requireSame(value.records, out.records);
}

/** Bodies that are kept where they can be read by nobody. */
const unreadable = ['', '{"half":', '{"neither":"one nor the other"}', '[[]]'];

function rereadCheck(stage: SourceStage, examples: readonly HttpExample[]): ContractCheck {
  return {
    name: 'reread: says why it still cannot read what was kept',
    async run() {
      const [example] = examples;
      for (const body of unreadable) {
        const payload = example && (await keptOf(stage, { ...example.in.request, body }));
        await checkReread(stage, payload ?? bytesOf(body));
      }
    },
  };
}

/** What the plugin has kept in place of the body; undefined: the body itself. */
async function keptOf(
  stage: SourceStage,
  request: IncomingExample,
): Promise<Uint8Array | undefined> {
  const { result: kept } = await playRequest(stage, request);
  const answer = 'value' in kept && 'unreadable' in kept.value ? kept.value : undefined;
  return answer?.unreadable.payload;
}

async function checkReread(stage: SourceStage, payload: Uint8Array): Promise<void> {
  const { result, strangers } = await playSourceFunction(stage, {}, async (call) =>
    stage.plugin.reread?.({ ...call, payload, receivedAt: call.clock.now() }),
  );
  requireNoStrangers(strangers);
  const what = show(Buffer.from(payload).toString());
  if ('error' in result) {
    requireThat(
      isPluginError(result.error),
      `of ${what} it threw ${show(result.error)}, not a \`PluginError\` that says why`,
    );
    return;
  }
  requireThat(
    Array.isArray(result.value),
    `of ${what} it returned ${show(result.value)}, expected records`,
  );
}
