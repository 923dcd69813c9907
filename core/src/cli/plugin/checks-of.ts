// Everything that `tributary plugin test` looks at: the package, and the plugin by the contract suite.
import { findPackageJSON } from 'node:module';
import { readFile } from 'node:fs/promises';
import {
  testDestination,
  testSource,
  type ContractCheck,
  type DestinationCases,
  type SourceCases,
} from '@tributary/sdk/testing';
import { packageChecks } from './package-checks.ts';
import { field, PackageError, type PluginPackage } from './package-on-disk.ts';

export async function checksOf(found: PluginPackage): Promise<ContractCheck[]> {
  return [...packageChecks(found, await sdkVersion()), ...contractOf(found)];
}

function contractOf({ plugin, cases, folder }: PluginPackage): ContractCheck[] {
  if (plugin.kind === 'source') {
    return testSource(plugin, isSourceCases(cases) ? cases : noCases(folder));
  }
  return testDestination(plugin, isDestinationCases(cases) ? cases : noCases(folder));
}

export function isSourceCases(cases: unknown): cases is SourceCases {
  return typeof field(cases, 'settings') === 'function' && Array.isArray(field(cases, 'examples'));
}

export function isDestinationCases(cases: unknown): cases is DestinationCases {
  const respond = field(field(cases, 'vendor'), 'respond');
  return isSourceCases(cases) && typeof respond === 'function';
}

export function noCases(folder: string): never {
  throw new PackageError(
    `PLUGIN_CASES_MISSING: ${folder}: found no \`cases\` in "exports" → "./cases" nor in src/examples.ts, expected settings, examples and, of a destination, a vendor. Write one example first; docs/guides show how.`,
  );
}

async function sdkVersion(): Promise<string> {
  const file = findPackageJSON('@tributary/sdk', import.meta.url);
  if (file === undefined) return '';
  const manifest: unknown = JSON.parse(await readFile(file, 'utf8'));
  return String(field(manifest, 'version'));
}
