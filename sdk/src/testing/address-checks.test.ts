// A plugin that calls whatever address somebody typed is found out, and one that asks for a guard is not.
import { expect, test } from 'vitest';
import { defineDestination, type DestinationPlugin } from '../index.ts';
import { explainCheck, runChecks, testDestination, type DestinationCases } from './index.ts';

const ada = {
  handle: 'a',
  key: 'ada@example.com',
  identifier: { namespace: 'email', value: 'ada@example.com' },
  traits: {},
};

function pluginThat(isGuarded: boolean): DestinationPlugin {
  return defineDestination({
    name: 'anywhere',
    title: 'Anywhere',
    settings: {
      type: 'object',
      properties: { url: { type: 'string' }, inside: { type: 'boolean' } },
      required: ['url'],
    },
    identifiers: ['email'],
    channel: 'email',
    audiences: {
      mode: 'append',
      async add({ fetch, settings, deliveries }) {
        const allow = settings.inside === true ? ['127.0.0.1'] : [];
        const guard = isGuarded ? { guard: { allow } } : {};
        const answer = await fetch(settings.url, { method: 'POST', ...guard });
        await answer.body?.cancel();
        return deliveries.map(({ handle }) => ({ handle, outcome: { kind: 'delivered' } }));
      },
    },
  });
}

const cases: DestinationCases = {
  settings: (url) => ({ url, inside: true }),
  guardedSettings: (url) => ({ url }),
  vendor: { respond: () => ({ status: 204 }), statusAlone: true },
  examples: [
    {
      title: 'adds',
      in: { call: 'audiences.add', list: 'l', deliveries: [ada] },
      out: { requests: [{ method: 'POST', path: '/' }] },
    },
  ],
};

async function judge(plugin: DestinationPlugin, given: DestinationCases): Promise<unknown> {
  const checks = testDestination(plugin, given).filter(({ name }) => name.includes('private'));
  for (const { name } of checks) expect(explainCheck(name)).toBeDefined();
  const [result] = await runChecks(checks);
  if (result?.skipped !== undefined) return 'skipped';
  return result?.error instanceof Error ? result.error.message : 'passed';
}

test('an address that is not public is refused, unless settings name it', async () => {
  expect(await judge(pluginThat(true), cases)).toBe('passed');
  expect(await judge(pluginThat(false), cases)).toMatch(/it called the loopback/);
});

test('a plugin that calls its vendor alone is not asked', async () => {
  const { guardedSettings: _, ...others } = cases;
  expect(await judge(pluginThat(false), others)).toBe('skipped');
});
