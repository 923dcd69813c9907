import { it } from 'vitest';
import { registerChecks, testSource } from '@tributary/sdk/testing';
import { cases } from './examples.ts';
import plugin from './index.ts';

registerChecks(it, testSource(plugin, cases));
