// The main job as a newcomer sees it: `npm start`'s own command, nothing else. The shop lives for a
// minute; then the API tells of a merge and what the vendor has is what it should have, for any seed.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHubClient, type HubClient } from '../support/hub-client.ts';
import { waitUntil } from '../support/wait-until.ts';
import { workspaceRoot } from '../tools/workspace.ts';

const seed = Number(process.env['SHOP_SEED'] ?? randomInt(1, 2_000_000_000));
const lists = new Map([
  ['cart_abandoned', 'Cart abandoned'],
  ['lapsed_vips', 'Lapsed VIPs'],
  ['newsletter_readers', 'Newsletter'],
]);

let folder = '';
let hub: ChildProcess;
let client: HubClient;
let said = '';
const find = (pattern: RegExp): string => pattern.exec(said)?.[1] ?? '';
const url = (): string => find(/is listening on (\S+)/);

beforeAll(async () => {
  // Below the root, so that the plugins are found as they are from config/.
  const cache = join(workspaceRoot, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'tributary-main-job-'));
  const demo = await readFile(join(workspaceRoot, 'config/demo.yaml'), 'utf8');
  await writeFile(join(folder, 'demo.yaml'), demo.replace(/folder: .*/, 'folder: ./data'));
  hub = spawn(
    process.execPath,
    [
      '--conditions=tributary-source',
      'test/demo/start.ts',
      '--config',
      join(folder, 'demo.yaml'),
      '--port',
      '0',
    ],
    {
      cwd: workspaceRoot,
      env: {
        ...process.env,
        SANDBOX_SENDGRID_PORT: '0',
        SANDBOX_WEBHOOK_PORT: '0',
        SHOP_SEED: String(seed),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  hub.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  hub.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  console.log(`the shop's seed is ${seed}`);
  await waitUntil(() => url() !== '' || hub.exitCode !== null, {
    what: 'the hub to listen',
    withinMs: 100_000,
    describe: () => said,
  });
  client = createHubClient({
    url,
    adminKey: () => find(/shown this once: (\S+)/),
    writeKey: 'demo-server-key',
  });
}, 120_000);

afterAll(async () => {
  if (hub.exitCode === null) {
    hub.kill('SIGTERM');
    await once(hub, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
}, 60_000);

test('within a minute: people merged, lists at the vendor equal to the members with a grant', async () => {
  expect((await fetch(`${url()}/readyz`)).status).toBe(200);
  let merged: readonly Evidence[] = [];
  await waitUntil(
    async () => {
      merged = await findMerge();
      return merged.length > 0;
    },
    { what: 'a merge by two records', withinMs: 90_000, describe: () => said },
  );
  expect(new Set(merged.map(({ record }) => record)).size).toBeGreaterThanOrEqual(2);

  let compared: readonly Comparison[] = [];
  await waitUntil(
    async () => {
      compared = await Promise.all([...lists].map(([audience, list]) => compare(audience, list)));
      return compared.every(({ due, there }) => due.length > 0 && same(due, there));
    },
    {
      what: 'the lists to be as they should',
      withinMs: 90_000,
      describe: () => JSON.stringify(compared, undefined, 2),
    },
  );
  // Somebody was a member and was not sent, because she never said yes.
  expect(compared.some(({ withheld }) => withheld > 0)).toBe(true);
}, 200_000);

interface Evidence {
  readonly record: number;
  readonly rejectedBy?: string;
  readonly trust: string;
}

interface Items<Item> {
  readonly items: readonly Item[];
}

const read = async <Answer>(path: string): Promise<Answer> =>
  (await client.call('GET', path)) as Answer;

/** The accepted evidence of a member whose profile two records joined, once the log tells of a merge. */
async function findMerge(): Promise<readonly Evidence[]> {
  const tail = await read<Items<{ kind: string }>>('/audit?limit=500');
  if (!tail.items.some(({ kind }) => kind === 'profile.merged')) return [];
  const { items: members } = await read<Items<{ profileId: string }>>(
    '/audiences/newsletter_readers/members?limit=1000',
  );
  for (const { profileId } of members) {
    const { items } = await read<Items<Evidence>>(`/profiles/${profileId}/evidence`);
    const accepted = items.filter(({ rejectedBy }) => rejectedBy === undefined);
    if (new Set(accepted.map(({ record }) => record)).size >= 2) return accepted;
  }
  return [];
}

interface Comparison {
  readonly audience: string;
  readonly due: readonly string[];
  readonly there: readonly string[];
  readonly withheld: number;
}

async function compare(audience: string, list: string): Promise<Comparison> {
  const { items: members } = await read<Items<{ profileId: string }>>(
    `/audiences/${audience}/members?limit=1000`,
  );
  const addresses = await Promise.all(members.map(({ profileId }) => grantedAddress(profileId)));
  const due = addresses.filter((address) => address !== undefined);
  const sandbox = find(/SendGrid sandbox\s+(\S+)/);
  const answer: unknown = await (await fetch(`${sandbox}/__fake/lists`)).json();
  const found = answer as readonly { name: string; members: readonly string[] }[];
  const there = found.find(({ name }) => name === list)?.members ?? [];
  return { audience, due: due.sort(), there, withheld: members.length - due.length };
}

interface Decision {
  readonly purpose: string;
  readonly channel: string;
  readonly contactPoint?: { readonly namespace: string; readonly value: string };
  readonly granted: boolean;
}

async function grantedAddress(profileId: string): Promise<string | undefined> {
  const { decisions } = await read<{ decisions: readonly Decision[] }>(
    `/profiles/${profileId}/consents`,
  );
  return decisions.find(
    ({ purpose, channel, contactPoint, granted }) =>
      granted &&
      purpose === 'email_marketing' &&
      channel === 'email' &&
      contactPoint?.namespace === 'email',
  )?.contactPoint?.value;
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return JSON.stringify(left) === JSON.stringify([...right].sort());
}
