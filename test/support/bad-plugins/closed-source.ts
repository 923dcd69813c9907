// A source that does not open: what its vendor would say is wrong with its credentials. Unless they are right.
import { defineSource, PluginError } from '@tributary/sdk';

export default defineSource({
  name: 'closed-source',
  title: 'Closed source',
  settings: {
    type: 'object',
    properties: { account: { type: 'string', title: 'Account' } },
    additionalProperties: false,
  },
  async open({ settings }) {
    if (settings.account !== 'right') throw new PluginError('auth', 'the vendor knows no such key');
  },
  http: { paths: ['/closed'], handle: () => Promise.resolve({ answer: { status: 204 } }) },
});
