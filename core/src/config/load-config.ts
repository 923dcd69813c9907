// A config file → everything the hub is composed from, or all that is wrong with it at once: YAML,
// references, schema, rules, plugins and their settings, names. Each stage is a file of its own and
// reports by path; this one runs them in order and turns paths into lines.
import { dirname, resolve } from 'node:path';
import type { DestinationPlugin, SourcePlugin } from '@tributary/sdk';
import { loadPlugin, type LoadPlugin } from '../plugins/load-plugin.ts';
import { failureText } from '../plugins/plugin-problem.ts';
import {
  buildAudit,
  buildConsent,
  buildIntake,
  buildPrivacy,
  buildProfile,
  buildStore,
} from './build-hub.ts';
import { buildDestination, buildSource } from './build-instances.ts';
import { checkHub } from './check-hub.ts';
import { checkInstances } from './check-instances.ts';
import { checkNames } from './check-names.ts';
import { checkRetention } from './check-retention.ts';
import { checkSecrets } from './check-secrets.ts';
import type { ConfigDocument } from './config-document.ts';
import type { HubConfig } from './hub-config.ts';
import { checkSettings, loadInstances, type Instances } from './load-instances.ts';
import { migrateInstances } from './migrate-settings.ts';
import { buildIdentity } from './namespaces.ts';
import { parseRules, type ParsedRules } from './parse-rules.ts';
import { placeIssues, placeSyntaxIssues, type Placement } from './place-issues.ts';
import {
  ConfigError,
  type ConfigProblem,
  type ConfigProblemCode,
  type Issue,
  type Path,
} from './problem.ts';
import { durationMs } from './quantities.ts';
import { readYaml } from './read-yaml.ts';
import { resolveReferences, type ConfigWorld, type ResolvedReferences } from './references.ts';
import { loadSchema } from './hub-schema.ts';
import { collectConfigSecrets, createShow, isOpen } from './secrecy.ts';
import { createValidator, withoutUnresolved } from './validate.ts';

export interface LoadOptions extends ConfigWorld {
  /** Stands in for the loading of plugins in tests. */
  readonly loadPlugin?: LoadPlugin;
}

export interface LoadedConfig {
  readonly config: HubConfig;
  readonly plugins: LoadedPlugins;
  readonly warnings: readonly ConfigProblem[];
  /** To be kept out of every log, error and row. */
  readonly secrets: readonly string[];
}

export interface LoadedPlugins {
  /** By instance. */
  readonly sources: ReadonlyMap<string, SourcePlugin>;
  readonly destinations: ReadonlyMap<string, DestinationPlugin>;
}

const largestFile = 1_048_576;

/** Throws a `ConfigError` with every problem that was found. */
export async function loadConfig(file: string, options: LoadOptions): Promise<LoadedConfig> {
  const yaml = readYaml(await readText(file, options));
  if (yaml.issues.length > 0) {
    throw new ConfigError(file, placeSyntaxIssues(yaml.issues, file, yaml));
  }
  const configFile = resolve(file);
  const references = await resolveReferences(yaml.value, configFile, options);
  const root = references.value;
  const instances = await loadInstances(root, configFile, options.loadPlugin ?? loadPlugin);
  const rules = parseRules(root);
  const judged = judge(root, references, instances, rules);
  const secrets = collectConfigSecrets(root, references, instances.places);
  const placement: Placement = {
    file,
    yaml,
    isOpen: (path) => isOpen(path, instances.places),
    written: references.written,
    secrets,
  };
  const problems = placeIssues(judged.issues, placement);
  if (!judged.document || problems.some(({ severity }) => severity === 'error')) {
    throw new ConfigError(file, problems);
  }
  return {
    config: buildConfig(judged.document, configFile, rules, instances.sources),
    plugins: { sources: instances.sources, destinations: instances.destinations },
    warnings: problems,
    secrets,
  };
}

async function readText(file: string, world: ConfigWorld): Promise<string> {
  let text: string;
  try {
    text = await world.readFile(resolve(file));
  } catch (error) {
    const message = `found no readable file (${failureText(error)}), expected the hub's config`;
    throw new ConfigError(file, [wholeFile(file, 'CONFIG_UNREADABLE', message)]);
  }
  if (Buffer.byteLength(text) > largestFile) {
    const message = `found ${Buffer.byteLength(text)} bytes, expected at most ${largestFile}`;
    throw new ConfigError(file, [wholeFile(file, 'CONFIG_TOO_LARGE', message)]);
  }
  return text;
}

function wholeFile(file: string, code: ConfigProblemCode, message: string): ConfigProblem {
  return { code, severity: 'error', file, line: 1, column: 1, path: '', message };
}

interface Judged {
  readonly issues: readonly Issue[];
  /** Undefined where the document is not one. */
  readonly document: ConfigDocument | undefined;
}

/** Fills in defaults in `root` and finds everything that is wrong with it. */
function judge(
  root: unknown,
  references: ResolvedReferences,
  instances: Instances,
  rules: ParsedRules,
): Judged {
  const show = createShow(references, () => instances.places);
  const migrated = migrateInstances(root, instances, { written: references.written, show });
  const { written } = migrated;
  const shape = validateDocument(root, { path: [], written, show });
  const found = [
    ...shape,
    ...migrated.issues,
    ...checkSettings(root, instances, written, show),
    ...rules.issues,
    ...instances.issues,
    ...checkHub(root),
    ...checkNames(root),
    ...checkRetention(root, rules),
    ...checkInstances(root, instances),
    ...checkSecrets(root, instances.places, written),
  ];
  const unresolved = references.issues.map(({ path }) => path);
  return {
    issues: [...references.issues, ...withoutUnresolved(found, unresolved)],
    document: isDocument(root, shape) ? root : undefined,
  };
}

const validateDocument = createValidator(loadSchema);

/** The schema accepted it and filled in its defaults: it has the shape that the types describe. */
function isDocument(
  root: unknown,
  issues: readonly { readonly path: Path }[],
): root is ConfigDocument {
  return issues.length === 0;
}

function buildConfig(
  document: ConfigDocument,
  file: string,
  { computed, audiences }: ParsedRules,
  plugins: Instances['sources'],
): HubConfig {
  const { hub, sources, destinations } = document;
  return {
    name: hub.name,
    store: buildStore(hub.store, file),
    deploymentKey: hub.key,
    earlierKey: hub.earlierKey,
    http: hub.http,
    intake: buildIntake(hub.intake),
    identity: buildIdentity(document.identity),
    profile: buildProfile(document, computed),
    consent: buildConsent(document),
    audiences,
    sources: new Map(
      Object.entries(sources).map(([id, source]) => [
        id,
        buildSource(id, source, plugins.get(id)?.pull !== undefined),
      ]),
    ),
    destinations: new Map(
      Object.entries(destinations).map(([id, one]) => [id, buildDestination(id, one)]),
    ),
    pluginHangAfterMs: durationMs(hub.plugins.hangAfter),
    audit: buildAudit(hub.audit, file),
    backupFolder: hub.backups && resolve(dirname(file), hub.backups),
    privacy: buildPrivacy(hub, file),
    file,
  };
}
