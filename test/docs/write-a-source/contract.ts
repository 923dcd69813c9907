import { test } from 'node:test';
import { registerChecks, testSource } from '@tributary/sdk/testing';
import { cases } from './waitlist-cases.ts';
import plugin from './waitlist.ts';

registerChecks(test, testSource(plugin, cases));
