// `tributary schema`: the config's JSON Schema, for editors.
import { hubSchema } from '../config/hub-schema.ts';
import type { Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';

export const schemaCommand: Command = {
  name: 'schema',
  summary: "Prints the config's JSON Schema, for editors.",
  positionals: [],
  options: { json: { type: 'boolean', description: 'as it is: the schema is JSON' } },
  details:
    'An editor that speaks YAML shows completion and hints when the file begins with\n# yaml-language-server: $schema=./tributary.schema.json',
  examples: ['tributary schema > tributary.schema.json'],
  async run(_, terminal) {
    terminal.out(JSON.stringify(hubSchema, undefined, 2));
    return exitCodes.ok;
  },
};
