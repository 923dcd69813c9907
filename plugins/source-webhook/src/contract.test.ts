import { signWebhook } from '@tributary/sdk';
import { registerChecks, testSource } from '@tributary/sdk/testing';
import { it } from 'vitest';
import { exampleMapping, examples, exampleSecret } from './examples.ts';
import plugin from './index.ts';

registerChecks(
  it,
  testSource(plugin, {
    settings: () => ({
      verify: { preset: 'standard-webhooks', secrets: [exampleSecret] },
      mapping: exampleMapping,
    }),
    signing: {
      sign: ({ body, now }) => ({
        ...signWebhook({ id: 'msg_1', sentAt: now, body }, [exampleSecret]),
      }),
      secrets: ['verify.secrets'],
      timed: true,
    },
    examples,
  }),
);
