// `npm run check`: everything a machine can judge without running the product. Types, lint with
// type-aware rules, formatting, and what nobody uses. Two at a time: it has to stay quick on two cores.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printResult, runTasks, type Task } from './tasks.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: join(import.meta.dirname, '../..') },
    only: { type: 'string', multiple: true, default: [] },
  },
});

/** The one that takes longest comes first: the others pass beside it. */
const tools: Readonly<Record<string, readonly string[]>> = {
  format: [
    'prettier',
    '--check',
    '--log-level',
    'warn',
    '--cache',
    '--cache-strategy',
    'content',
    '.',
  ],
  types: ['tsc', '--project', 'tsconfig.json', '--noEmit', '--pretty'],
  lint: ['oxlint', '--config', '.oxlintrc.json', '--deny-warnings', '--disable-nested-config'],
  unused: ['knip', '--no-progress', '--config', 'knip.json'],
};

const unknown = values.only.filter((name) => !(name in tools));
if (unknown.length > 0) {
  console.error(`check: ${unknown.join(', ')} is none of ${Object.keys(tools).join(', ')}`);
  process.exit(2);
}

const tasks: Task[] = Object.entries(tools)
  .filter(([name]) => values.only.length === 0 || values.only.includes(name))
  .map(([name, [tool = '', ...rest]]) => ({
    name,
    arguments: [join(values.folder, 'node_modules/.bin', tool), ...rest],
    folder: values.folder,
  }));

process.exitCode = (await runTasks(tasks, 2, printResult)) ? 0 : 1;
