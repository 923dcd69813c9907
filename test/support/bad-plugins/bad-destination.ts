// A destination whose code fails where no call can catch it, as soon as it is asked to add somebody.
import { defineDestination, sameOutcome } from '@tributary/sdk';

export default defineDestination({
  name: 'bad-destination',
  title: 'Bad destination',
  settings: { type: 'object', additionalProperties: false },
  identifiers: ['email'],
  channel: 'email',
  audiences: {
    mode: 'mirror',
    remove: async ({ deliveries }) => sameOutcome(deliveries, { kind: 'delivered' }),
    async add({ deliveries }) {
      setTimeout(() => {
        throw new Error('thrown in a timer of the destination');
      }, 1);
      return sameOutcome(deliveries, { kind: 'retry', reason: 'not now' });
    },
  },
});
