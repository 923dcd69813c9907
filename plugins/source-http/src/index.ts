// The Segment-compatible HTTP tracking API: existing client libraries work unmodified.
import { defineSource } from '@tributary/sdk';
import { busy, corsHeaders } from './answers.ts';
import { handle, type Connection } from './handle.ts';
import { settings, validateSettings } from './settings.ts';
import { createWriteKeys } from './write-keys.ts';

export default defineSource<typeof settings, Connection>({
  name: 'http',
  title: 'HTTP tracking API',
  settings,
  validate: validateSettings,
  open: (context) => ({ writeKeys: createWriteKeys(context.settings) }),
  http: {
    mount: '/',
    paths: ['/v1/*'],
    // More than a body may have, so that what is too large is answered as the protocol says.
    maxBodyBytes: 1_048_576,
    headers: corsHeaders,
    busy,
    handle,
  },
});
