// The demo's own config for the soak: its places moved, time-outs that fit a clock that runs, and one
// destination more, whose plugin is badly written.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workspaceRoot } from '../tools/workspace.ts';

export const soakInstances = ['mail', 'crm', 'odd'] as const;

/** @returns its file; plugins are looked for from its folder on. */
export async function writeSoakConfig(folder: string, oddUrl: string): Promise<string> {
  const demo = await readFile(join(workspaceRoot, 'config/demo.yaml'), 'utf8');
  const odd = {
    plugin: fileURLToPath(new URL('odd-destination.ts', import.meta.url)),
    limits: { timeout: '10m' },
    purposes: ['email_marketing'],
    settings: { url: oddUrl },
    audiences: [
      { audience: 'newsletter_readers', list: 'readers' },
      { audience: 'cart_abandoned', list: 'carts' },
    ],
  };
  const patient = '    limits: { timeout: 10m }';
  const config = [
    ['folder: ../data', `folder: ${JSON.stringify(join(folder, 'data'))}`],
    ['port: 8080', 'port: 0'],
    ["    plugin: '@tributary/destination-sendgrid'", patient],
    ["    plugin: '@tributary/destination-webhook'", patient],
    // JSON is YAML, and destinations come last.
  ].reduce(change, `${demo.trimEnd()}\n  odd: ${JSON.stringify(odd)}\n`);
  const file = join(folder, 'soak.yaml');
  await writeFile(file, config);
  return file;
}

function change(text: string, [found = '', put = '']: readonly string[]): string {
  const parts = text.split(found);
  if (parts.length !== 2) throw new Error(`the demo's config has not one ${found}`);
  return parts.join(found.startsWith(' ') ? `${found}\n${put}` : put);
}
