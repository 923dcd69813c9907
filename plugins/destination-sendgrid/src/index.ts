// SendGrid as a destination: contacts, lists, mail and erasure in one account.
import { defineDestination } from '@tributary/sdk';
import { addMembers, removeMembers } from './audiences.ts';
import { createConnection, type SendgridConnection } from './connection.ts';
import { erasePeople } from './erase.ts';
import { mailParameters, sendMails } from './mail.ts';
import { emailKey } from './map.ts';
import { pollJob } from './poll.ts';
import { upsertProfiles } from './profiles.ts';
import { settingsSchema } from './settings.ts';
import { checkCredentials, createMissing } from './setup.ts';

export default defineDestination<typeof settingsSchema, SendgridConnection>({
  name: 'sendgrid',
  title: 'SendGrid',
  settings: settingsSchema,
  identifiers: ['email'],
  channel: 'email',
  key: ({ value }) => emailKey(value),
  // The vendor's bounds are 30,000 contacts and 6 MB.
  limits: { batchRecords: 1_000, batchBytes: 4 * 1024 * 1024, concurrency: 2 },
  open: createConnection,
  check: checkCredentials,
  setup: createMissing,
  audiences: { mode: 'mirror', add: addMembers, remove: removeMembers },
  profiles: { upsert: upsertProfiles },
  actions: {
    mail: {
      title: 'Send a mail from a dynamic template',
      idempotent: false,
      parameters: mailParameters,
      run: sendMails,
    },
  },
  erase: erasePeople,
  poll: pollJob,
});
