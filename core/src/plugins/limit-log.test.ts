// A plugin that never stops talking is heard to a bound, and whoever reads learns that there was more.
import { expect, test } from 'vitest';
import { createTestLog } from '@tributary/sdk/testing';
import { limitLog } from './limit-log.ts';

test('a flood is cut to a bound, told, and counted when the next period begins', () => {
  let now = 0;
  const kept = createTestLog();
  const log = limitLog(kept, { now: () => now, lines: 3, periodMs: 1_000 });
  for (let line = 0; line < 1_000; line += 1) log.info(`line ${line}`);
  expect(kept.lines.map(({ message }) => message)).toEqual([
    'line 0',
    'line 1',
    'line 2',
    expect.stringContaining('PLUGIN_LOG_FLOOD'),
  ]);
  now = 1_000;
  log.info('later');
  expect(kept.lines.slice(4)).toMatchObject([{ fields: { leftOut: 997 } }, { message: 'later' }]);
});

test('what is no message and no fields is logged as such, and nothing throws', () => {
  const kept = createTestLog();
  const log = limitLog(kept, { now: () => 0 });
  Reflect.apply(log.info, undefined, [{ email: 'ada@example.com' }, null]);
  expect(kept.lines).toMatchObject([{ message: 'a object in place of a message', fields: {} }]);
});
