// An operator's levers over a source that pulls, over the hub as it is composed.
import { defineSource, PluginError, type JsonValue } from '@tributary/sdk';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { eachStore } from '../../../test/support/stores.ts';
import { ownConfigFile } from '../../../test/support/own-config-file.ts';
import { loadConfig } from '../config/load-config.ts';
import { startHub, type Hub } from '../hub.ts';
import { createLogger } from '../observe/logger.ts';
import type { Store } from '../store/store.ts';

const yaml = `
tributary: 1
sources:
  pages: { plugin: a-feed, every: 1h }
  door: { plugin: a-door }
`;

const door = defineSource({
  name: 'a-door',
  title: 'A door',
  settings: { type: 'object', additionalProperties: false },
  http: { paths: ['/'], handle: () => ({ answer: { status: 204 } }) },
});

eachStore('a source', (open) => {
  let hub: Hub;
  let key = '';
  /** The checkpoints that pulls began with. */
  const begun: (JsonValue | undefined)[] = [];
  let refused = false;
  const feed = defineSource({
    name: 'a-feed',
    title: 'A feed',
    settings: { type: 'object', additionalProperties: false },
    async *pull({ checkpoint }) {
      begun.push(checkpoint);
      if (refused) throw new PluginError('auth', 'the token is not valid any more');
      yield { records: [], checkpoint: { page: 7 } };
      await Promise.resolve();
    },
  });

  async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${hub.url}/api/sources${path}`, {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.json();
  }
  async function stateOf(id: string): Promise<object | undefined> {
    const { items } = (await ask('GET', '')) as { items: { id: string }[] };
    return items.find((item) => item.id === id);
  }
  /** What was pulled is committed. */
  const stands = (): Promise<void> =>
    vi.waitFor(
      async () =>
        expect(await ask('GET', '/pages/checkpoint')).toEqual({ checkpoint: { page: 7 } }),
      { timeout: 20_000 },
    );
  const pulls = (count: number): Promise<void> =>
    vi.waitFor(() => expect(begun).toHaveLength(count), { timeout: 20_000 });

  let store: Store;
  async function start(): Promise<void> {
    const loaded = await loadConfig(ownConfigFile(), {
      env: {},
      readFile: () => Promise.resolve(yaml),
      loadPlugin: ({ name }) => Promise.resolve({ plugin: name === 'a-feed' ? feed : door }),
    });
    const config = { ...loaded.config, deploymentKey: Buffer.alloc(32, 7).toString('base64') };
    const log = createLogger({ level: 'silent' });
    // It outlives the hub, so that another one can start on it.
    const kept = { ...store, close: () => Promise.resolve() };
    hub = await startHub({ ...loaded, config }, { store: kept, port: 0, log });
    key = hub.firstKey ?? key;
  }
  beforeAll(async () => {
    store = await open();
    await start();
  }, 60_000);
  afterAll(async () => {
    await hub.stop();
    await store.close();
  });

  it('pulls at once, from the place that it is given, from its beginning, and again after a refusal', async () => {
    await pulls(1);
    await stands();
    expect(await ask('POST', '/pages/pull')).toEqual({ changed: 1 });
    await pulls(2);
    await ask('POST', '/pages/checkpoint', { checkpoint: { page: 3 } });
    await pulls(3);
    await ask('DELETE', '/pages/checkpoint');
    await pulls(4);
    await stands();
    refused = true;
    await ask('POST', '/pages/pull');
    await pulls(5);
    await vi.waitFor(
      async () => expect(await stateOf('pages')).toMatchObject({ state: 'paused' }),
      { timeout: 20_000 },
    );
    refused = false;
    await ask('POST', '/pages/resume');
    await pulls(6);
    const seven = { page: 7 };
    expect(begun).toEqual([undefined, seven, { page: 3 }, undefined, seven, seven]);
    expect(await ask('POST', '/nowhere/pull')).toMatchObject({ code: 'INSTANCE_UNKNOWN' });
  });

  it('pulls nothing while an operator has paused it, after a restart too, until she resumes it', async () => {
    const before = begun.length;
    expect(await ask('POST', '/pages/pause')).toEqual({ changed: 1 });
    const paused = { state: 'paused', code: 'SOURCE_PAUSED' };
    expect(await stateOf('pages')).toMatchObject(paused);
    expect(await ask('POST', '/pages/pull')).toMatchObject({ code: 'SOURCE_PAUSED', status: 409 });
    await hub.stop();
    await start();
    expect(await stateOf('pages')).toMatchObject(paused);
    const ready = await (await fetch(`${hub.url}/readyz`)).json();
    expect(ready).toMatchObject({
      degraded: ['sources'],
      reasons: { sources: '1 paused or stopped' },
    });
    expect(begun).toHaveLength(before);
    await ask('POST', '/pages/resume');
    await pulls(before + 1);
    expect(await stateOf('pages')).not.toHaveProperty('code');
    const { items } = (await (
      await fetch(`${hub.url}/api/audit`, { headers: { authorization: `Bearer ${key}` } })
    ).json()) as { items: { kind: string; details: { what?: string } }[] };
    const operated = items.filter(({ kind }) => kind === 'source.operated');
    expect(operated.map(({ details }) => details.what).slice(0, 2)).toEqual(['resume', 'pause']);
  });

  it('answers its senders to come back later while it is paused', async () => {
    const send = async (): Promise<Response> =>
      fetch(`${hub.url}/sources/door`, { method: 'POST', body: '{}' });
    expect((await send()).status).toBe(204);
    await ask('POST', '/door/pause');
    const answer = await send();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60']);
    expect(await answer.json()).toEqual({ code: 'SOURCE_PAUSED' });
    expect(await stateOf('door')).toMatchObject({ state: 'paused', code: 'SOURCE_PAUSED' });
    await ask('POST', '/door/resume');
    expect((await send()).status).toBe(204);
  });
});
