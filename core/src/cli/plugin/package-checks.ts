// Is a package fit to be installed by strangers? Checks of its package.json, in the manner of the suite.
import type { ContractCheck } from '@tributary/sdk/testing';
import { satisfiesRange } from '../../plugins/version-range.ts';
import { field, type PluginPackage } from './package-on-disk.ts';

export interface ExplainedCheck extends ContractCheck {
  readonly why: string;
  readonly look: string;
}

const look = 'package.json';

export function packageChecks({ manifest }: PluginPackage, sdkVersion: string): ExplainedCheck[] {
  const main = field(manifest['exports'], '.');
  return [
    {
      name: 'package: is found by the hub',
      why: 'The hub resolves a plugin with the `default` condition; `import` alone leads nowhere.',
      look,
      run: async () => {
        const found = typeof main === 'string' ? main : field(main, 'default');
        require(typeof found === 'string', '"exports" → "." has no "default"');
        require(String(found).endsWith(
          '.js',
        ), `"default" is ${String(found)}: Node strips no types below node_modules, name what is built`);
      },
    },
    {
      name: 'package: names the SDK as its peer',
      why: 'The hub refuses a plugin that was made for another contract, before its code runs.',
      look,
      run: async () => {
        const range = field(manifest['peerDependencies'], '@tributary/sdk');
        require(typeof range === 'string', '"peerDependencies" has no "@tributary/sdk"');
        require(satisfiesRange(
          sdkVersion,
          String(range),
        ), `the range ${String(range)} does not hold the SDK here, ${sdkVersion}`);
        const own = field(manifest['dependencies'], '@tributary/sdk');
        require(own ===
          undefined, '"dependencies" has "@tributary/sdk" as well: it is the hub’s to bring');
      },
    },
    {
      name: 'package: can be found by people',
      why: 'Admins search npm by keyword, and read what a package is and under which terms.',
      look,
      run: async () => {
        const { keywords, description, license } = manifest;
        const isKeyed = Array.isArray(keywords) && keywords.includes('tributary-plugin');
        require(isKeyed, '"keywords" lacks "tributary-plugin"');
        require(isText(description), 'it has no "description"');
        require(isText(license), 'it has no "license"');
      },
    },
    {
      name: 'package: ships what was built, and no more',
      why: 'What is published is what runs in other people’s hubs; tests and sources are not.',
      look,
      run: async () => {
        require(Array.isArray(
          manifest['files'],
        ), 'it has no "files": everything in the folder would be published');
        require(field(manifest['engines'], 'node') !== undefined, 'it has no "engines" → "node"');
      },
    },
  ];
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function require(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
