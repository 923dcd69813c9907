// Deliveries to people who do not exist, made after an example: for batches larger than one writes down.
import type { DestinationPlugin, UnknownSettings } from '@tributary/sdk';
import type { DestinationCases, DestinationInput } from '@tributary/sdk/testing';

/** A call with so many people, like the example's; undefined for a call that only examples can tell of. */
export function withPeople(
  plugin: DestinationPlugin,
  cases: DestinationCases,
  input: DestinationInput,
  count: number,
): DestinationInput | undefined {
  if (input.call !== 'audiences.add' && input.call !== 'audiences.remove') return undefined;
  const [model] = input.deliveries;
  if (model === undefined) return undefined;
  const settings: UnknownSettings = cases.settings('http://127.0.0.1:9');
  const namespace = plugin.identifiers[0] ?? model.identifier.namespace;
  const deliveries = Array.from({ length: count }, (_, index) => {
    const identifier = { namespace, value: valueOf(namespace, index + 1) };
    const key = plugin.key ? plugin.key(identifier, settings) : identifier.value;
    const name = `made-up-${index + 1}`;
    return { ...model, handle: name, changeId: name, identifier, key };
  });
  return { ...input, deliveries };
}

function valueOf(namespace: string, number: number): string {
  switch (namespace) {
    case 'email':
      return `person-${number}@example.com`;
    case 'phone':
      // Kept free for fiction.
      return `+1202555${String(100 + (number % 100)).padStart(4, '0')}`;
    default:
      return `${namespace}-${number}`;
  }
}
