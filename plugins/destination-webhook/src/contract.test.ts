// The contract every destination keeps, for both ways of sending.
import { registerChecks, testDestination, type DestinationCases } from '@tributary/sdk/testing';
import { describe, test } from 'vitest';
import { cases } from './examples.ts';
import plugin from './index.ts';

describe('one message per change', () => {
  registerChecks(test, testDestination(plugin, cases));
});

describe('several changes in one message', () => {
  const batched: DestinationCases = {
    ...cases,
    settings: (vendorUrl) => ({ ...cases.settings(vendorUrl), batch: true }),
    examples: cases.examples.map((example) => ({
      ...example,
      out: { requests: [{ method: 'POST', path: '/hooks' }] },
    })),
  };
  registerChecks(test, testDestination(plugin, batched));
});
