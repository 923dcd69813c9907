// An operator's levers over a source that pulls, over the hub as it is composed.
import { defineSource, PluginError, type JsonValue } from '@tributary/sdk';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { eachStore } from '../../../test/support/stores.ts';
import { loadConfig } from '../config/load-config.ts';
import { startHub, type Hub } from '../hub.ts';
import { createLogger } from '../observe/logger.ts';

const yaml = `
tributary: 1
sources:
  pages: { plugin: a-feed, every: 1h }
`;

eachStore('a source that pulls', (open) => {
  let hub: Hub;
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
      headers: { authorization: `Bearer ${hub.firstKey ?? ''}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.json();
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

  beforeAll(async () => {
    const loaded = await loadConfig('/hub.yaml', {
      env: {},
      readFile: () => Promise.resolve(yaml),
      loadPlugin: () => Promise.resolve({ plugin: feed }),
    });
    const config = { ...loaded.config, deploymentKey: Buffer.alloc(32, 7).toString('base64') };
    const log = createLogger({ level: 'silent' });
    hub = await startHub({ ...loaded, config }, { store: await open(), port: 0, log });
  }, 60_000);
  afterAll(() => hub.stop());

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
      async () => expect(await ask('GET', '')).toMatchObject({ items: [{ state: 'paused' }] }),
      { timeout: 20_000 },
    );
    refused = false;
    await ask('POST', '/pages/resume');
    await pulls(6);
    const seven = { page: 7 };
    expect(begun).toEqual([undefined, seven, { page: 3 }, undefined, seven, seven]);
    expect(await ask('POST', '/nowhere/pull')).toMatchObject({ code: 'INSTANCE_UNKNOWN' });
  });
});
