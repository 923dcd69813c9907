// Acme's messages as a destination that acts once for each person. The hub finds this default export.
import { defineDestination } from '@tributary/sdk';
import { sendMessages } from './client.ts';
import { parameters, settings } from './settings.ts';

export default defineDestination({
  name: 'acme',
  title: 'Acme',
  settings,
  // Whom Acme can address, and which consent it takes to reach them.
  identifiers: ['email'],
  channel: 'email',
  limits: { batchRecords: 50 },
  actions: {
    message: {
      title: 'Send a message',
      // Acme drops a repeated Idempotency-Key. Where a vendor has none, say false: what is unknown then
      // stays in doubt, and nobody gets it twice.
      idempotent: true,
      parameters,
      run: async (call) => sendMessages(call),
    },
  },
});
