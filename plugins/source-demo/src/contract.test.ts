import { it } from 'vitest';
import { registerChecks, testSource } from '@tributary/sdk/testing';
import plugin from './index.ts';

registerChecks(it, testSource(plugin, { settings: () => ({ seed: 7 }), examples: [] }));
