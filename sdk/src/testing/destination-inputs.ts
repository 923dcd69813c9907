// Inputs made from the examples: cut down, mixed up, under other handles.
import type { DestinationCases, DestinationInput } from './destination-cases.ts';

/** The same call with what becomes of its deliveries. */
function change(
  input: DestinationInput,
  by: <Delivery extends { readonly handle: string }>(deliveries: readonly Delivery[]) => Delivery[],
): DestinationInput {
  switch (input.call) {
    case 'audiences.add':
    case 'audiences.remove':
      return { ...input, deliveries: by(input.deliveries) };
    case 'profiles.upsert':
      return { ...input, deliveries: by(input.deliveries) };
    case 'events.forward':
      return { ...input, deliveries: by(input.deliveries) };
    case 'actions':
      return { ...input, deliveries: by(input.deliveries) };
    case 'erase':
      return { ...input, deliveries: by(input.deliveries) };
  }
}

/** The same call with other deliveries. Every delivery given must come from the input. */
export function withDeliveries(
  input: DestinationInput,
  pick: (handles: readonly string[]) => readonly string[],
): DestinationInput {
  return change(input, (deliveries) =>
    pick(deliveries.map(({ handle }) => handle)).flatMap((chosen) =>
      deliveries.filter(({ handle }) => handle === chosen),
    ),
  );
}

/** The same call under handles that nothing can be read from. */
export function withHandles(
  input: DestinationInput,
  rename: (index: number) => string,
): DestinationInput {
  return change(input, (deliveries) =>
    deliveries.map((delivery, index) => ({ ...delivery, handle: rename(index) })),
  );
}

/** The same call as other changes; actions and events have ids of their own. */
export function withChangeIds(
  input: DestinationInput,
  rename: (index: number) => string,
): DestinationInput {
  const all = <Delivery extends { readonly changeId?: string }>(
    deliveries: readonly Delivery[],
  ): Delivery[] => deliveries.map((delivery, index) => ({ ...delivery, changeId: rename(index) }));
  switch (input.call) {
    case 'audiences.add':
    case 'audiences.remove':
      return { ...input, deliveries: all(input.deliveries) };
    case 'profiles.upsert':
      return { ...input, deliveries: all(input.deliveries) };
    case 'erase':
      return { ...input, deliveries: all(input.deliveries) };
    case 'events.forward':
    case 'actions':
      return input;
  }
}

/** The call, with the action's name. */
export function nameOfInput(input: DestinationInput): string {
  return input.call === 'actions' ? `${input.call} ${input.action}` : input.call;
}

export interface NamedInput {
  /** The call, with the action's name. */
  readonly name: string;
  readonly input: DestinationInput;
}

/** For each call the example with the most deliveries, of those where all are delivered. */
export function fullestInputs(cases: DestinationCases): NamedInput[] {
  const fullest = new Map<string, DestinationInput>();
  for (const { in: input, out } of cases.examples) {
    const delivered = out.outcomes?.every(({ outcome }) => outcome.kind === 'delivered') ?? true;
    if (!delivered || input.deliveries.length === 0) continue;
    const name = nameOfInput(input);
    const known = fullest.get(name);
    if (!known || known.deliveries.length < input.deliveries.length) fullest.set(name, input);
  }
  return [...fullest].map(([name, input]) => ({ name, input }));
}

/** The same, each with its first delivery alone: what goes wrong then is about this one. */
export function singleInputs(cases: DestinationCases): NamedInput[] {
  return fullestInputs(cases).map(({ name, input }) => ({
    name,
    input: withDeliveries(input, (handles) => handles.slice(0, 1)),
  }));
}
