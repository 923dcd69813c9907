// What differs between two configs, by the names that people gave things. Pure.
import { canonicalConfig } from '../config/canonical-config.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { definitionHashes } from '../audience/rule-references.ts';

export interface NameChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

export interface ConfigDifference {
  readonly sources: NameChanges;
  readonly destinations: NameChanges;
  readonly audiences: NameChanges;
  readonly computed: NameChanges;
  /** Other parts of config that are other ones, e.g. `identity`. */
  readonly rules: readonly string[];
}

export function compareConfigs(before: HubConfig, next: HubConfig): ConfigDifference {
  return {
    sources: compareNames(enabled(before.sources), enabled(next.sources)),
    destinations: compareNames(enabled(before.destinations), enabled(next.destinations)),
    audiences: compareNames(definitionHashes(before.audiences), definitionHashes(next.audiences)),
    computed: compareNames(textsOf(before.profile.computed), textsOf(next.profile.computed)),
    rules: Object.entries(rules)
      .filter(([, read]) => canonicalConfig([read(before)]) !== canonicalConfig([read(next)]))
      .map(([name]) => name),
  };
}

const rules: Readonly<Record<string, (config: HubConfig) => unknown>> = {
  identity: ({ identity }) => identity,
  traits: ({ profile }) => profile.traits,
  primary: ({ profile }) => profile.primary,
  'purposes and consent': ({ consent }) => consent,
  'hub.intake': ({ intake }) => intake,
  'hub.http': ({ http }) => http,
  'hub.privacy': ({ privacy }) => privacy,
  'hub.backups': ({ backupFolder }) => backupFolder,
  'hub.name': ({ name }) => name,
};

/** What is switched off is not there. */
function enabled<Instance extends { readonly enabled: boolean }>(
  instances: ReadonlyMap<string, Instance>,
): ReadonlyMap<string, string> {
  return textsOf(new Map([...instances].filter(([, instance]) => instance.enabled)));
}

function textsOf(named: ReadonlyMap<string, object>): ReadonlyMap<string, string> {
  return new Map([...named].map(([name, value]) => [name, canonicalConfig(value)]));
}

function compareNames(
  before: ReadonlyMap<string, string>,
  next: ReadonlyMap<string, string>,
): NameChanges {
  return {
    added: [...next.keys()].filter((name) => !before.has(name)),
    changed: [...next].flatMap(([name, text]) =>
      before.has(name) && before.get(name) !== text ? [name] : [],
    ),
    removed: [...before.keys()].filter((name) => !next.has(name)),
  };
}
