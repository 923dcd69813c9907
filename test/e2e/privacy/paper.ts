// A destination that can put people on lists and take them off, and has no way to erase anybody.
import { defineDestination } from '@tributary/sdk';

export default defineDestination({
  name: 'paper',
  title: 'A list on paper',
  settings: { type: 'object', properties: {}, additionalProperties: false },
  identifiers: ['email'],
  channel: 'email',
  audiences: {
    mode: 'mirror',
    add: ({ deliveries }) =>
      Promise.resolve(
        deliveries.map(({ handle }) => ({ handle, outcome: { kind: 'delivered' as const } })),
      ),
    remove: ({ deliveries }) =>
      Promise.resolve(
        deliveries.map(({ handle }) => ({ handle, outcome: { kind: 'delivered' as const } })),
      ),
  },
});
