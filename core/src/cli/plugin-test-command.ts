// `tributary plugin test`: the contract suite over any package, as a report card.
import { runChecks } from '@tributary/sdk/testing';
import type { Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { checksOf } from './plugin/checks-of.ts';
import { loadPackage } from './plugin/package-on-disk.ts';
import { lineOf, markOf, reportCard, summaryOf, type Mark } from './plugin/report-card.ts';

export const pluginTestCommand: Command = {
  name: 'plugin test',
  summary: 'Runs the contract suite on a plugin and prints a report card.',
  positionals: ['PLUGIN'],
  options: {
    json: { type: 'boolean', description: 'the report card as JSON' },
    only: {
      type: 'string',
      value: 'WORDS',
      description: 'only checks whose name holds these words',
    },
  },
  details:
    'PLUGIN is a folder or an installed package. Its `cases` (the export `./cases`, or src/examples.ts)\nsay how its vendor answers; the suite plays that vendor on the loopback, on its worst days as well.\nNothing else is reached. Ends with 0 when every check that applies has passed, with 1 otherwise.',
  examples: ['tributary plugin test .', 'tributary plugin test ./tributary-source-acme --json'],
  async run(input, terminal) {
    const [target = '.'] = input.positionals;
    const found = await loadPackage(target);
    const only = input.text('only') ?? '';
    const checks = (await checksOf(found)).filter(({ name }) => name.includes(only));
    const isJson = input.flag('json');
    if (!isJson) {
      const { manifest, plugin } = found;
      const title = `${String(manifest['name'])} ${String(manifest['version'])}`;
      terminal.out(`${title}: the ${plugin.kind} ${plugin.name}, ${checks.length} checks\n`);
    }
    const marks: Mark[] = [];
    await runChecks(checks, (result) => {
      const check = checks[marks.length];
      if (!check) return;
      const mark = markOf(check, result);
      marks.push(mark);
      if (!isJson) terminal.out(lineOf(mark));
    });
    const card = reportCard(found, marks);
    terminal.out(isJson ? JSON.stringify(card, undefined, 2) : `\n${summaryOf(card)}`);
    return card.failed === 0 && marks.length > 0 ? exitCodes.ok : exitCodes.failed;
  },
};
