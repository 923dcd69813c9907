import { expect, test } from 'vitest';
import { startEntries, stopEntries } from './life-entries.ts';

const life = {
  run: 'r1',
  at: 7,
  rules: 'abc',
  audiences: ['readers'],
  plugins: new Map([
    ['web', '@tributary/source-http'],
    ['mail', '@tributary/destination-sendgrid'],
  ]),
  failed: [{ instance: 'mail', code: 'PLUGIN_OPEN_TIMEOUT' }],
};

test('a start says by which config, and which plugins opened or did not', () => {
  const told = startEntries(life).map(({ kind, details }) => [kind, details]);
  expect(told).toEqual([
    ['hub.started', { run: 'r1' }],
    ['config.loaded', { run: 'r1', rules: 'abc', audiences: ['readers'] }],
    ['plugin.opened', { run: 'r1', instance: 'web', plugin: '@tributary/source-http' }],
    [
      'plugin.failed',
      {
        run: 'r1',
        instance: 'mail',
        plugin: '@tributary/destination-sendgrid',
        code: 'PLUGIN_OPEN_TIMEOUT',
      },
    ],
  ]);
  expect(stopEntries(life)).toEqual([
    { kind: 'hub.stopped', at: 7, actor: 'hub', details: { run: 'r1' } },
  ]);
});
