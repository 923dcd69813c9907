// Acme's mailing lists as a destination that follows audiences. The hub finds this default export.
import { defineDestination } from '@tributary/sdk';
import { changeList } from './client.ts';
import { settings } from './settings.ts';

export default defineDestination({
  name: 'acme',
  title: 'Acme',
  settings,
  // Whom Acme can address, and which consent it takes to reach them.
  identifiers: ['email'],
  channel: 'email',
  limits: { batchRecords: 500 },
  audiences: {
    mode: 'mirror',
    add: async (call) => changeList('add', call),
    remove: async (call) => changeList('remove', call),
  },
});
