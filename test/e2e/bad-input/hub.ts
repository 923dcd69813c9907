// A hub with real sources that gets bad input, and what that left behind: answers, quarantine, people.
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { loadConfig } from '../../../core/src/config/load-config.ts';
import { startHub, type Hub } from '../../../core/src/hub.ts';
import { createLogger } from '../../../core/src/observe/logger.ts';
import { openEmbeddedStore } from '../../../core/src/store/embedded.ts';
import { dynamicStatement } from '../../../core/src/store/store.ts';
import { templateFile } from '../../support/stores.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { workspaceRoot } from '../../tools/workspace.ts';

export const writeKey = 'bad-input-server-key';
const webhookSecret = 'bad-input-webhook-secret';

/** JSON is YAML. */
export const baseConfig = {
  tributary: 1,
  hub: { name: 'bad-input', store: { folder: '../data' } },
  purposes: { email_marketing: 'News' },
  traits: { country: { type: 'string', standardise: 'country' }, total: { type: 'number' } },
  sources: {
    web: {
      plugin: '@tributary/source-http',
      settings: { writeKeys: [{ key: writeKey, kind: 'server' }] },
    },
    hooks: {
      plugin: '@tributary/source-webhook',
      settings: {
        verify: { preset: 'github', secrets: [webhookSecret] },
        mapping: `{"type":"track","event":event,"properties":properties,"identifiers":[
            $append(user, users).{"namespace":$$.namespace ? $$.namespace : "user_id","value":$}]}`,
      },
    },
  },
};

export interface Answer {
  readonly status: number;
  readonly code: string | undefined;
}

export interface Left {
  /** Events in the log. */
  readonly accepted: number;
  readonly resolved: number;
  /** Codes of what is kept aside, oldest first. */
  readonly kept: readonly string[];
}

export interface BadInputHub {
  readonly hub: Hub;
  readonly url: string;
  /** To the tracking API, with the right key. */
  web(path: string, body: string | Uint8Array, headers?: Record<string, string>): Promise<Answer>;
  /** To the webhook source, rightly signed. */
  hook(body: string | Uint8Array, headers?: Record<string, string>): Promise<Answer>;
  /** Like every library sends it; answered with 200. */
  good(): Promise<Answer>;
  left(): Promise<Left>;
  /** Waits until all that was accepted is resolved. */
  settled(): Promise<Left>;
  /** How many events are known of a user. */
  eventsOf(userId: string): Promise<number>;
  /** The traits of a user; undefined where nobody is known by the id. */
  traitsOf(userId: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

export async function startBadInputHub(config: object = baseConfig): Promise<BadInputHub> {
  const loaded = await loadConfig(join(workspaceRoot, 'test/e2e/bad-input.yaml'), {
    env: {},
    readFile: () => Promise.resolve(JSON.stringify(config)),
  });
  const deploymentKey = Buffer.alloc(32, 7).toString('base64');
  const hub = await startHub(
    { ...loaded, config: { ...loaded.config, deploymentKey } },
    {
      store: await openEmbeddedStore({ folder: 'memory:', template: templateFile() }),
      port: 0,
      log: createLogger({ level: 'silent' }),
    },
  );
  return { hub, url: hub.url, ...sendersOf(hub.url), ...readersOf(hub) };
}

function sendersOf(url: string): Pick<BadInputHub, 'web' | 'hook' | 'good'> {
  let sent = 0;
  const web: BadInputHub['web'] = async (path, body, headers = {}) =>
    post(`${url}/v1/${path}`, body, { authorization: `Basic ${btoa(`${writeKey}:`)}`, ...headers });
  return {
    web,
    hook: async (body, headers = {}) => {
      const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
      return post(`${url}/sources/hooks`, body, {
        'x-hub-signature-256': `sha256=${signature}`,
        ...headers,
      });
    },
    async good() {
      sent += 1;
      return web('track', JSON.stringify({ userId: 'good', event: 'Good', messageId: `g${sent}` }));
    },
  };
}

async function post(
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string>,
): Promise<Answer> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body);
  const response = await fetch(url, { method: 'POST', headers, body: bytes });
  return { status: response.status, code: codeOf(await response.text()) };
}

/** The stable code of an answer, as sources and hub write it. */
export function codeOf(text: string): string | undefined {
  const [, code] = /"code":\s*"([A-Z_]+)"/.exec(text) ?? [];
  return code;
}

const readLeft = dynamicStatement(
  'test.left',
  `SELECT (SELECT count(*)::int FROM event) AS accepted,
          (SELECT position::int FROM cursor WHERE consumer = 'resolve') AS resolved,
          (SELECT coalesce(json_agg(code ORDER BY id), '[]') FROM quarantine) AS kept`,
);

const countFacts = dynamicStatement(
  'test.count_facts',
  `SELECT count(*)::int AS count FROM fact f JOIN identifier i ON i.id = f.subject_id WHERE i.value = $1`,
);

function readersOf(hub: Hub): Pick<BadInputHub, 'left' | 'settled' | 'eventsOf' | 'traitsOf'> {
  const left = async (): Promise<Left> => {
    const [row] = await hub.store.query<Left>('background', readLeft);
    if (row === undefined) throw new Error('the store counts nothing');
    return row;
  };
  return {
    left,
    async settled() {
      let found: Left | undefined;
      await waitUntil(
        async () => {
          found = await left();
          return found.resolved === found.accepted;
        },
        { what: 'all to be resolved', describe: () => found },
      );
      return found ?? left();
    },
    async eventsOf(userId) {
      const rows = await hub.store.query<{ count: number }>('background', countFacts, [userId]);
      return rows[0]?.count ?? 0;
    },
    async traitsOf(userId) {
      const ask = async (path: string, body?: object): Promise<Response> =>
        fetch(`${hub.url}/api${path}`, {
          headers: {
            authorization: `Bearer ${hub.firstKey ?? ''}`,
            'content-type': 'application/json',
          },
          ...(body && { method: 'POST', body: JSON.stringify(body) }),
        });
      const found = await ask('/profiles/lookup', { namespace: 'user_id', value: userId });
      if (found.status !== 200) return undefined;
      const { profileId } = (await found.json()) as { profileId: string };
      const profile = await ask(`/profiles/${profileId}`);
      const { traits } = (await profile.json()) as { traits: Record<string, { value: unknown }> };
      return Object.fromEntries(Object.entries(traits).map(([name, { value }]) => [name, value]));
    },
  };
}
