// A source that never opens: what its vendor would say is wrong with its credentials.
import { defineSource, PluginError } from '@tributary/sdk';

export default defineSource({
  name: 'closed-source',
  title: 'Closed source',
  settings: { type: 'object', additionalProperties: false },
  open: () => Promise.reject(new PluginError('auth', 'the vendor knows no such key')),
  http: { paths: ['/closed'], handle: () => Promise.resolve({ answer: { status: 204 } }) },
});
