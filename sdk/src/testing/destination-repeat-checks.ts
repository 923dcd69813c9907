// The hub repeats what it is not sure of: that must do no harm.
import { skipCheck, type ContractCheck } from './contract-check.ts';
import type { DestinationInput } from './destination-cases.ts';
import {
  fullestInputs,
  singleInputs,
  withChangeIds,
  withDeliveries,
  withHandles,
} from './destination-inputs.ts';
import { isOneOf } from './destination-verdict.ts';
import { playDestination, type DestinationStage, type Play } from './play-destination.ts';
import { requireThat, show, violate } from './violation.ts';

export function destinationRepeatChecks(stage: DestinationStage): ContractCheck[] {
  return [
    ...singleInputs(stage.cases).map(({ name, input }) => ({
      name: `${name}: takes what is so already for done`,
      run: async (): Promise<void> => checkAgain(stage, input),
    })),
    ...singleInputs(stage.cases)
      .filter(({ input }) => input.call !== 'actions' && input.call !== 'events.forward')
      .map(({ name, input }) => {
        const title = `${name}: tells one change from another`;
        return stage.cases.vendor.idempotencyKey === undefined
          ? skipCheck(title, 'its vendor dedupes by no key')
          : { name: title, run: async (): Promise<void> => checkChanges(stage, input) };
      }),
    ...fullestInputs(stage.cases)
      .filter(({ input }) => input.call === 'actions' || input.call === 'events.forward')
      .map(({ name, input }) => {
        const title = `${name}: repeats a delivery under the same key`;
        return claimsIdempotence(stage, input)
          ? { name: title, run: async (): Promise<void> => checkSameKey(stage, input) }
          : skipCheck(
              title,
              'it says that its vendor does not dedupe: what is unknown stays in doubt',
            );
      }),
  ];
}

function claimsIdempotence({ plugin }: DestinationStage, input: DestinationInput): boolean {
  if (input.call === 'events.forward') return plugin.events?.idempotent === true;
  return input.call === 'actions' && plugin.actions?.[input.action]?.idempotent === true;
}

async function checkAgain(stage: DestinationStage, input: DestinationInput): Promise<void> {
  if (input.call === 'actions' || input.call === 'events.forward') return;
  const play = await playDestination(stage, { input, scenario: { kind: 'again' } });
  // Whom the hub takes for absent it never takes out: only a removal may have nothing to do.
  const done = isRemoval(input) ? (['delivered', 'filtered'] as const) : (['delivered'] as const);
  for (const verdict of play.verdicts.values()) {
    requireThat(
      isOneOf(verdict, ...done),
      `the vendor said that it is so already; it became ${show(verdict)}, not delivered`,
    );
  }
}

function isRemoval(input: DestinationInput): boolean {
  if (input.call === 'profiles.upsert') return input.deliveries.every(({ next }) => next === null);
  return input.call === 'audiences.remove' || input.call === 'erase';
}

/** What dedupes must drop a change that it has had, under whatever handle, and no other. */
async function checkChanges(stage: DestinationStage, input: DestinationInput): Promise<void> {
  const keyOf = async (change: string, handle: string): Promise<string | undefined> => {
    const named = withHandles(
      withChangeIds(input, () => change),
      () => handle,
    );
    const play = await playDestination(stage, { input: named });
    const keys = play.requests.flatMap(
      (request) => stage.cases.vendor.idempotencyKey?.(request) ?? [],
    );
    return keys.length === 0 ? undefined : show(keys);
  };
  const key = await keyOf('change-1', 'handle');
  if (key === undefined) return;
  const repeated = await keyOf('change-1', 'another handle');
  requireThat(key === repeated, `one change went out under ${key}, and again under ${repeated}`);
  const other = await keyOf('change-2', 'handle');
  requireThat(key !== other, `two changes both went out under ${key}: make it of \`changeId\``);
}

const anHourMs = 3_600_000;

async function checkSameKey(stage: DestinationStage, input: DestinationInput): Promise<void> {
  const keyed = new Map<string, string>();
  for (const { handle } of input.deliveries) {
    const alone = withDeliveries(input, () => [handle]);
    const first = await playDestination(stage, { input: alone });
    const later = await playDestination(stage, {
      input: alone,
      now: Date.UTC(2026, 0, 1) + anHourMs,
      seed: 2,
    });
    const [key, repeated] = [keysOf(stage, first), keysOf(stage, later)];
    requireThat(
      key === repeated,
      `${show(handle)} went out under ${key}, and again under ${repeated}`,
    );
    const other = keyed.get(key);
    requireThat(
      other === undefined,
      `${show(handle)} and ${show(other)} both went out under ${key}`,
    );
    keyed.set(key, handle);
  }
}

function keysOf({ cases }: DestinationStage, play: Play): string {
  const { idempotencyKey } = cases.vendor;
  if (!idempotencyKey) {
    return violate(
      'it claims to be idempotent: let `vendor.idempotencyKey` show what the vendor dedupes by',
    );
  }
  const keys = play.requests
    .map((request) => idempotencyKey(request))
    .filter((key) => key !== undefined);
  requireThat(keys.length > 0, 'it claims to be idempotent, but no request carries a key');
  return show(keys);
}
