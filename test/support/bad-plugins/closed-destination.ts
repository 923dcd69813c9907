// A destination that does not open: what its vendor would say is wrong with its credentials.
import { defineDestination, PluginError, sameOutcome } from '@tributary/sdk';

export default defineDestination({
  name: 'closed-destination',
  title: 'Closed destination',
  settings: { type: 'object', additionalProperties: false },
  identifiers: ['email'],
  channel: 'email',
  open: () => Promise.reject(new PluginError('auth', 'the vendor knows no such key')),
  audiences: {
    mode: 'mirror',
    remove: async ({ deliveries }) => sameOutcome(deliveries, { kind: 'delivered' }),
    add: async ({ deliveries }) => sameOutcome(deliveries, { kind: 'delivered' }),
  },
});
