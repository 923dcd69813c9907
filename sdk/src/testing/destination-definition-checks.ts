// What can be said of a destination before it is called.
import type { ContractCheck } from './contract-check.ts';
import { settingsFor, type DestinationStage } from './play-destination.ts';
import { requireThat, show, violate } from './violation.ts';

/** Discarding the vendor: its address only has to fit the schema. */
const someUrl = 'http://127.0.0.1:9';

export function destinationDefinitionChecks(stage: DestinationStage): ContractCheck[] {
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
        checkUnknownSettings(stage);
      },
    },
    {
      name: 'makes the same key of the same identifier',
      async run() {
        checkKeys(stage);
      },
    },
  ];
}

function checkDeclaration({ plugin }: DestinationStage): void {
  requireThat(plugin.kind === 'destination', `its kind is ${show(plugin.kind)}`);
  requireThat(
    /^[a-z][a-z0-9-]*$/.test(plugin.name),
    `its name ${show(plugin.name)} is not kebab-case`,
  );
  requireThat(plugin.identifiers.length > 0, 'it names no identifier that the vendor can address');
  const { audiences } = plugin;
  if (audiences?.mode === 'mirror' && audiences.remove === undefined) {
    violate("its audiences are a mirror without `remove`: say `mode: 'append'` or add one");
  }
  const features = [audiences, plugin.profiles, plugin.events, plugin.actions];
  requireThat(
    features.some((feature) => feature !== undefined),
    'it offers nothing: no audiences, profiles, events or actions',
  );
}

function checkUnknownSettings({ validate, cases }: DestinationStage): void {
  const settings = cases.settings(someUrl);
  settingsFor(validate, settings);
  const misspelt = { ...settings, aSettingThatDoesNotExist: true };
  const found = validate(misspelt);
  requireThat(
    !found.ok,
    'a misspelt setting passes: give the schema `additionalProperties: false`',
  );
}

function checkKeys({ plugin, cases, validate }: DestinationStage): void {
  const settings = settingsFor(validate, cases.settings(someUrl));
  for (const { in: input } of cases.examples) {
    for (const { identifier, key, handle } of input.deliveries) {
      const made = plugin.key ? plugin.key(identifier, settings) : identifier.value;
      const again = plugin.key ? plugin.key(identifier, settings) : identifier.value;
      requireThat(
        made === again,
        `the key of ${show(identifier)} is ${show(made)}, then ${show(again)}`,
      );
      requireThat(
        made === key,
        `the delivery ${show(handle)} has the key ${show(key)}, the plugin makes ${show(made)} of ${show(identifier)}`,
      );
    }
  }
}
