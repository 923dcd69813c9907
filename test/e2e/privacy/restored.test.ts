// A backup from before an erasure knows nothing of it. The journal outside the store does.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamicStatement, type Store } from '../../../core/src/store/store.ts';
import { eachStore } from '../../support/stores.ts';
import { waitUntil } from '../../support/wait-until.ts';
import {
  ada,
  arrives,
  askErasure,
  bob,
  findTraces,
  readRequest,
  send,
  startTown,
  tracesOf,
} from './town.ts';

const selectRequest = dynamicStatement(
  'test.request',
  'SELECT origin FROM privacy_request WHERE id = $1::uuid',
);
const slow = { timeout: 120_000 };

eachStore('a restored backup', (open) => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-journal-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is brought up to the erasures that came after it', slow, async () => {
    // What a backup from before it holds: both people, no request.
    const backup = await open();
    await fill(backup, [...arrives(ada), ...arrives(bob)]);

    const lost = await open();
    const town = await startTown(lost, { privacy: { journal: folder } });
    await send(town, [...arrives(ada), ...arrives(bob)]);
    const { id } = await askErasure(town, [{ namespace: 'email', value: ada.email }]);
    await waitUntil(
      async () => {
        await town.hub
          .call('POST', `/privacy-requests/${id}/destinations/paper/confirm`)
          .catch(() => undefined);
        return (await readRequest(town, id)).state === 'done';
      },
      { what: 'the erasure' },
    );
    await town.close();

    // The journal holds hashes and times, and nothing of hers.
    const entries = await Promise.all(
      (await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')),
    );
    expect(entries.length).toBeGreaterThan(0);
    for (const text of tracesOf(ada)) expect(entries.join('')).not.toContain(text);

    const restored = await startTown(backup, { privacy: { journal: folder } });
    let traces: readonly string[] = [];
    await waitUntil(
      async () => {
        traces = await findTraces(backup, tracesOf(ada));
        return traces.length === 0;
      },
      { what: 'her to be erased again', describe: () => traces },
    );
    expect(await backup.query('background', selectRequest, [id])).toEqual([{ origin: 'journal' }]);
    expect(await findTraces(backup, [bob.email])).toContain('identifier.value');
    await restored.close();
  });
});

/** The same people told to a hub that then stops, under the same deployment key. */
async function fill(backup: Store, messages: readonly object[]): Promise<void> {
  const before = await startTown(keptOpen(backup));
  await send(before, messages);
  await waitUntil(
    async () => (await findTraces(backup, tracesOf(ada))).includes('profile.traits'),
    {
      what: 'both to be known',
    },
  );
  await before.close();
}

/** The hub closes its store when it stops; this one is opened again. */
function keptOpen(store: Store): Store {
  return { ...store, close: () => Promise.resolve() };
}
