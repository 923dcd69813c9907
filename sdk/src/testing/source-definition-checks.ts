// What can be said of a source before it is called.
import type { ContractCheck } from './contract-check.ts';
import { settingsFor } from './play-destination.ts';
import type { SourceStage } from './play-source.ts';
import { requireThat, show, violate } from './violation.ts';

const someUrl = 'http://127.0.0.1:9';

export function sourceDefinitionChecks(stage: SourceStage): ContractCheck[] {
  return [
    {
      name: 'declares what it can do',
      async run() {
        checkDeclaration(stage);
      },
    },
    {
      name: 'refuses settings it does not know',
      async run() {
        const settings = stage.cases.settings(someUrl);
        settingsFor(stage.validate, settings);
        const found = stage.validate({ ...settings, aSettingThatDoesNotExist: true });
        requireThat(
          !found.ok,
          'a misspelt setting passes: give the schema `additionalProperties: false`',
        );
      },
    },
  ];
}

function checkDeclaration({ plugin }: SourceStage): void {
  requireThat(plugin.kind === 'source', `its kind is ${show(plugin.kind)}`);
  requireThat(
    /^[a-z][a-z0-9-]*$/.test(plugin.name),
    `its name ${show(plugin.name)} is not kebab-case`,
  );
  const { http, pull, stream } = plugin;
  if (!http && !pull && !stream) violate('it offers nothing: no http, pull or stream');
}
