// One input of the cases, as the call that the hub would make.
import type { DestinationCall, DestinationPlugin } from '../destination.ts';
import type { DeliveryOutcome } from '../outcome.ts';
import type { UnknownSettings } from '../settings.ts';
import type { DestinationInput } from './destination-cases.ts';
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
      const { list, deliveries } = input;
      const feature = plugin.audiences ?? missing();
      if (input.call === 'audiences.add') return feature.add({ ...call, list, deliveries });
      return feature.remove ? feature.remove({ ...call, list, deliveries }) : missing();
    }
    case 'profiles.upsert':
      return (plugin.profiles ?? missing()).upsert({ ...call, deliveries: input.deliveries });
    case 'events.forward':
      return (plugin.events ?? missing()).forward({ ...call, deliveries: input.deliveries });
    case 'actions': {
      const action = plugin.actions?.[input.action] ?? missing();
      return action.run({ ...call, deliveries: input.deliveries });
    }
    case 'erase':
      return plugin.erase ? plugin.erase({ ...call, deliveries: input.deliveries }) : missing();
  }
}
