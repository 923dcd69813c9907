// Audiences, profiles and events to any endpoint, as Standard Webhooks.
import { defineDestination } from '@tributary/sdk';
import { eraseMessage, eventMessage, memberMessage, profileMessage } from './map.ts';
import { sendMessages } from './send-messages.ts';
import { findSettingsProblems, settingsSchema } from './settings.ts';

const destination = defineDestination({
  name: 'webhook',
  title: 'Webhook',
  settings: settingsSchema,
  identifiers: ['email', 'user_id', 'phone', 'anonymous_id'],
  channel: 'data',
  // A user id and a phone number may be the same digits.
  key: ({ namespace, value }) => `${namespace}:${value}`,
  // One message is one request, so a call of the usual 500 would not end in time.
  limits: ({ batch, batchSize }) => ({ batchRecords: batch ? batchSize : 50, timeoutMs: 60_000 }),
  validate: findSettingsProblems,
  audiences: {
    mode: 'mirror',
    add: async (call) =>
      sendMessages(
        call,
        call.deliveries.map((delivery) => memberMessage('audience.entered', call.list, delivery)),
      ),
    remove: async (call) =>
      sendMessages(
        call,
        call.deliveries.map((delivery) => memberMessage('audience.left', call.list, delivery)),
      ),
  },
  profiles: {
    upsert: async (call) => sendMessages(call, call.deliveries.map(profileMessage)),
  },
  events: {
    // Receivers of Standard Webhooks dedupe by `webhook-id`.
    idempotent: true,
    forward: async (call) => sendMessages(call, call.deliveries.map(eventMessage)),
  },
  erase: async (call) => sendMessages(call, call.deliveries.map(eraseMessage)),
});

export default destination;
