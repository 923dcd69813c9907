// A source that brings more than the hub can take, without end: others' records are taken and resolved,
// operators are answered, and the hub stops when it is told to.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../support/wait-until.ts';
import { baseConfig, startBadInputHub, type BadInputHub } from './bad-input/hub.ts';

let hub: BadInputHub;
beforeAll(async () => {
  const flood = { plugin: './bad-input/misbehaves.ts', settings: { how: 'pull floods' } };
  hub = await startBadInputHub({ ...baseConfig, sources: { ...baseConfig.sources, flood } });
});
afterAll(() => hub.hub.stop());

async function ask(path: string, body?: object): Promise<unknown> {
  const authorization = `Bearer ${hub.hub.firstKey ?? ''}`;
  const request = body && { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`${hub.url}/api${path}`, { headers: { authorization }, ...request });
  expect(answer.status).toBe(200);
  return answer.json();
}

it('lets others in between', async () => {
  const before = await hub.left();
  for (let count = 0; count < 5; count += 1) expect((await hub.good()).status).toBe(200);
  const { items } = (await ask('/sources')) as { items: object[] };
  expect(items).toContainEqual(expect.objectContaining({ id: 'flood', state: 'running' }));
  let after = await hub.left();
  await waitUntil(
    async () => {
      after = await hub.left();
      return after.resolved > before.accepted;
    },
    { what: 'what came before to be resolved', describe: () => after },
  );
  expect(after.accepted).toBeGreaterThan(before.accepted);
  expect(
    await ask('/profiles/lookup', { namespace: 'user_id', value: 'misbehaves' }),
  ).toMatchObject({ kind: 'profile' });
}, 120_000);
