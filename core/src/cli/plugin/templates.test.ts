// What a new package does in trouble that its report card cannot make, having two deliveries.
import { createSettingsValidator, playDestination } from '@tributary/sdk/testing';
import { expect, test } from 'vitest';
import { cases } from '../../../templates/destination-action/src/examples.ts';
import plugin from '../../../templates/destination-action/src/index.ts';

const stage = { plugin, cases, validate: createSettingsValidator(plugin.settings) };

test.each([
  ['is too fast', { status: 429, headers: { 'retry-after': '60' } }],
  ['is refused', { status: 401 }],
])('an action that %s sends no more of its batch', async (_title, answer) => {
  const [example] = cases.examples;
  if (example?.in.call !== 'actions') throw new Error('no example of an action');
  const [first] = example.in.deliveries;
  if (first === undefined) throw new Error('no delivery');
  const deliveries = ['ada', 'bob', 'cyd', 'dee'].map((handle) => ({ ...first, handle }));
  const fault = { from: 1, react: () => answer };
  const play = await playDestination(stage, { input: { ...example.in, deliveries }, fault });
  expect(play.requests).toHaveLength(2);
  const kinds = [...play.verdicts].map(([handle, { kind }]) => [handle, kind]);
  expect(kinds).toEqual([
    ['ada', 'delivered'],
    ['bob', 'retry'],
    ['cyd', 'retry'],
    ['dee', 'retry'],
  ]);
});
