// Every delivery gets its own outcome, under its own handle, and one that is refused costs no other.
import type { ContractCheck } from './contract-check.ts';
import type { DestinationInput } from './destination-cases.ts';
import { fullestInputs, singleInputs, withDeliveries, withHandles } from './destination-inputs.ts';
import { isOneOf } from './destination-verdict.ts';
import { playDestination, type DestinationStage } from './play-destination.ts';
import { requireThat, show, violate } from './violation.ts';

export function destinationOutcomeChecks(stage: DestinationStage): ContractCheck[] {
  return [
    ...fullestInputs(stage.cases).flatMap(({ name, input }) => [
      {
        name: `${name}: makes no request for an empty batch`,
        run: async (): Promise<void> => checkEmpty(stage, input),
      },
      {
        name: `${name}: answers for every handle once`,
        run: async (): Promise<void> => checkHandles(stage, input),
      },
      {
        name: `${name}: gives the refusal to the delivery that was refused`,
        run: async (): Promise<void> => checkRefusals(stage, input),
      },
    ]),
    ...singleInputs(stage.cases).map(({ name, input }) => ({
      name: `${name}: does not retry what will never be taken`,
      run: async (): Promise<void> => checkPermanent(stage, input),
    })),
  ];
}

async function checkEmpty(stage: DestinationStage, input: DestinationInput): Promise<void> {
  const play = await playDestination(stage, { input: withDeliveries(input, () => []) });
  if (play.thrown !== undefined) violate(`it threw ${show(play.thrown)}`);
  const [request] = play.requests;
  if (request) violate(`it made a request: ${request.method} ${request.path}`);
  requireThat(play.answer?.length === 0, `it answered ${show(play.answer)}`);
}

// The vendor's answers come in the order of the request, the hub's handles in none: mixed up and
// renamed, a plugin that counts on places gives outcomes to the wrong people.
async function checkHandles(stage: DestinationStage, input: DestinationInput): Promise<void> {
  const mixed = withHandles(
    mixedUp(input),
    (index) => `opaque/${(index * 7919 + 13).toString(36)}#`,
  );
  const play = await playDestination(stage, { input: mixed });
  if (play.answer === undefined) violate(`it threw ${show(play.thrown)}`);
  const handles = play.answer.map(({ handle }) => handle);
  for (const { handle } of mixed.deliveries) {
    const times = handles.filter((other) => other === handle).length;
    requireThat(times === 1, `${times} outcomes came back under ${show(handle)}`);
  }
  requireThat(
    handles.length === mixed.deliveries.length,
    `outcomes came back under handles that were not handed in: ${show(handles)}`,
  );
}

/** After so many calls without the refused one, the others must have arrived. */
const mostRounds = 3;

async function checkRefusals(stage: DestinationStage, input: DestinationInput): Promise<void> {
  const mixed = mixedUp(input);
  // The first of the batch in either order: where places are counted, one of the two shows it.
  for (const part of [input, mixed]) {
    const [refused] = part.deliveries;
    if (refused) await checkRefusal(stage, part, refused);
  }
}

async function checkRefusal(
  stage: DestinationStage,
  input: DestinationInput,
  { handle: refused, key }: { readonly handle: string; readonly key: string },
): Promise<void> {
  const scenario = { kind: 'refuse', key, handle: refused } as const;
  // Events of one person are refused together: the vendor knows them by her key.
  const alike = input.deliveries.filter((other) => other.key === key).map(({ handle }) => handle);
  let open: readonly string[] = input.deliveries.map(({ handle }) => handle);
  for (let round = 0; round < mostRounds && open.length > 0; round += 1) {
    const part = withDeliveries(input, () => open);
    const play = await playDestination(stage, { input: part, scenario });
    open = open.filter((handle) => {
      const verdict = play.verdicts.get(handle);
      return verdict === undefined || stillOpen(handle, alike, verdict);
    });
  }
  requireThat(
    open.length === 0,
    `one refusal holds up ${show(open)}: the rest of the batch must be delivered without it`,
  );
}

/** The other way round, but for events, whose order means something. */
function mixedUp(input: DestinationInput): DestinationInput {
  if (input.call === 'events.forward') return input;
  return withDeliveries(input, (handles) => handles.toReversed());
}

function stillOpen(
  handle: string,
  refused: readonly string[],
  verdict: Parameters<typeof isOneOf>[0],
): boolean {
  if (refused.includes(handle)) {
    if (isOneOf(verdict, 'rejected')) {
      requireThat(Boolean(verdict.reason), "it is rejected without the vendor's words");
      return false;
    }
    return violate(`the vendor refused ${show(handle)}, its outcome is ${show(verdict)}`);
  }
  if (isOneOf(verdict, 'rejected', 'filtered', 'auth')) {
    violate(`the vendor refused ${show(refused)}, but ${show(handle)} became ${show(verdict)}`);
  }
  return !isOneOf(verdict, 'delivered', 'accepted');
}

async function checkPermanent(stage: DestinationStage, input: DestinationInput): Promise<void> {
  const refusal = stage.cases.vendor.refused?.() ?? {
    status: 400,
    json: { error: 'this will never do' },
  };
  const play = await playDestination(stage, { input, fault: { from: 0, react: () => refusal } });
  for (const [handle, verdict] of play.verdicts) {
    requireThat(
      isOneOf(verdict, 'rejected'),
      `the vendor answered ${show(refusal)}; ${show(handle)} became ${show(verdict)}, not rejected`,
    );
  }
}
