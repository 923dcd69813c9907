import { it } from 'vitest';
import { registerChecks, testSource } from '@tributary/sdk/testing';
import { exampleClientKey, exampleServerKey, examples } from './examples.ts';
import plugin from './index.ts';

registerChecks(
  it,
  testSource(plugin, {
    settings: () => ({
      writeKeys: [
        { key: exampleServerKey, kind: 'server' },
        { key: exampleClientKey, kind: 'client' },
      ],
      externalIds: { crm: 'crm_id' },
    }),
    examples,
  }),
);
