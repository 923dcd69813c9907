import { test } from 'node:test';
import { registerChecks, testDestination } from '@tributary/sdk/testing';
import { cases } from './post-office-cases.ts';
import plugin from './post-office.ts';

registerChecks(test, testDestination(plugin, cases));
