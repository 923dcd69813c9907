// A metric that nobody feeds says nought for ever, and whoever watches it believes that all is well.
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { metricTable } from '../../core/src/observe/metric-table.ts';
import { workspaceRoot } from '../tools/workspace.ts';

test('every metric of the table is fed somewhere', async () => {
  let text = '';
  for await (const file of glob('core/src/**/*.ts', { cwd: workspaceRoot })) {
    const counts = !file.endsWith('.test.ts') && !file.endsWith('observe/metric-table.ts');
    if (counts) text += await readFile(join(workspaceRoot, file), 'utf8');
  }
  const names = Object.keys(metricTable);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !text.includes(`'${name}'`))).toEqual([]);
});
