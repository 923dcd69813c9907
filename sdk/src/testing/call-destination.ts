// One input of the cases, as the call that the hub would make.
import { createHash } from 'node:crypto';
import type { DestinationCall, DestinationPlugin } from '../destination.ts';
import type { DeliveryOutcome } from '../outcome.ts';
import type { UnknownSettings } from '../settings.ts';
import type { ChangeDelivery } from '../destination.ts';
import type { DestinationInput, ExampleOf } from './destination-cases.ts';
import { violate } from './violation.ts';

export async function callDestination(
  plugin: DestinationPlugin,
  call: DestinationCall<UnknownSettings, unknown>,
  input: DestinationInput,
): Promise<readonly DeliveryOutcome[]> {
  const missing = (): never =>
    violate(`the cases have an example for ${input.call}, which the plugin does not offer`);
  switch (input.call) {
    case 'audiences.add':
    case 'audiences.remove': {
      const { list } = input;
      const deliveries = input.deliveries.map(withChangeId);
      const feature = plugin.audiences ?? missing();
      if (input.call === 'audiences.add') return feature.add({ ...call, list, deliveries });
      return feature.remove ? feature.remove({ ...call, list, deliveries }) : missing();
    }
    case 'profiles.upsert':
      return (plugin.profiles ?? missing()).upsert({
        ...call,
        deliveries: input.deliveries.map(withChangeId),
      });
    case 'events.forward':
      return (plugin.events ?? missing()).forward({ ...call, deliveries: input.deliveries });
    case 'actions': {
      const action = plugin.actions?.[input.action] ?? missing();
      return action.run({ ...call, deliveries: input.deliveries });
    }
    case 'erase':
      return plugin.erase
        ? plugin.erase({ ...call, deliveries: input.deliveries.map(withChangeId) })
        : missing();
  }
}

function withChangeId<Delivery extends ExampleOf<ChangeDelivery>>(
  delivery: Delivery,
): Delivery & { readonly changeId: string } {
  return { ...delivery, changeId: delivery.changeId ?? madeOf(delivery.handle) };
}

/** A handle may hold anything, an id of a change may not. */
function madeOf(handle: string): string {
  return createHash('sha256').update(handle).digest('base64url').slice(0, 32);
}
