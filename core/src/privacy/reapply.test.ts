// The journal of erasures outlives deployment keys: what was written under an earlier one is carried out
// again under the one of now, and what was written under a later one is not passed over.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { privacyOver } from '../../../test/property/purge.ts';
import { createLine } from '../../../test/support/line.ts';
import { nextTestKeys, testKeys } from '../../../test/support/settings.ts';
import { emptyStore, eachStore } from '../../../test/support/stores.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { writeJournal } from './journal.ts';

const selectSuppressed = dynamicStatement(
  'test.suppressed',
  'SELECT identifier_hash AS hash FROM suppression ORDER BY at',
);
const people = ['ada', 'bob', 'cleo'].map((name) => `${name}@shop.example`);

eachStore('the journal of erasures', (open) => {
  let store: Store;
  let folder = '';
  beforeAll(async () => {
    store = await open();
  });
  beforeEach(async () => {
    await emptyStore(store);
    folder = await mkdtemp(join(tmpdir(), 'tributary-journal-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const requestOf = (place: number): string => `00000000-0000-4000-8000-00000000000${place}`;

  async function reapply(keys: typeof testKeys): Promise<number> {
    const line = await createLine(store, { now: 10_000, keys });
    return privacyOver(store, line, { journalFolder: folder }).reapply(line.resolve);
  }

  it('is right under a later key, whichever it was written under', async () => {
    const [first = '', second = '', third = ''] = people;
    // A version before keys could be replaced did not say under which.
    const unsaid = {
      request: requestOf(1),
      at: 1_000,
      hashes: [testKeys.identifierHash('email', first)],
    };
    await writeFile(join(folder, 'first.json'), JSON.stringify(unsaid));
    await writeJournal(folder, 'second', {
      request: requestOf(2),
      at: 2_000,
      hashes: [testKeys.identifierHash('email', second)],
      key: testKeys.fingerprint,
    });
    await writeJournal(folder, 'third', {
      request: requestOf(3),
      at: 3_000,
      hashes: [nextTestKeys.identifierHash('email', third)],
      key: nextTestKeys.fingerprint,
    });
    expect(await reapply(nextTestKeys)).toBe(3);
    expect(await store.query('background', selectSuppressed)).toEqual(
      people.map((email) => ({ hash: nextTestKeys.identifierHash('email', email) })),
    );
  });

  it('stops the start of a store that is not under its key yet', async () => {
    await writeJournal(folder, 'later', {
      request: requestOf(4),
      at: 1_000,
      hashes: [nextTestKeys.identifierHash('email', 'ada@shop.example')],
      key: nextTestKeys.fingerprint,
    });
    await expect(reapply(testKeys)).rejects.toThrow('JOURNAL_KEY_UNKNOWN');
    expect(await store.query('background', selectSuppressed)).toEqual([]);
  });

  const ada = { namespace: 'email', value: 'ada@shop.example' };
  const bob = { namespace: 'email', value: 'bob@shop.example' };
  const day = Date.UTC(2026, 5, 1);
  const cookie = { namespace: 'anonymous_id', value: 'cookie-of-both' };
  const erasedAt = day + 9_000;

  /** As of a restored store: what follows the backup is not in it, and she was erased after it. */
  async function restored(request = requestOf(5)) {
    const line = await createLine(store, { now: day + 8_000 });
    const hashes = [testKeys.identifierHash('email', ada.value)];
    const key = testKeys.fingerprint;
    await writeJournal(folder, 'ada', { request, at: erasedAt, hashes, key });
    const privacy = privacyOver(store, line, { journalFolder: folder });
    return {
      line,
      async reapply(): Promise<void> {
        line.time.now = day + 10_000;
        await privacy.reapply(line.resolve);
        await line.resolve();
        while (await privacy.step());
      },
    };
  }

  const says = (messageId: string, seconds: number, ...identifiers: object[]) => ({
    type: 'identify',
    messageId,
    timestamp: day + seconds * 1_000,
    identifiers,
    traits: { name: messageId },
  });
  const visits = (messageId: string, seconds: number) => ({
    type: 'track',
    event: 'Visited',
    messageId,
    timestamp: day + seconds * 1_000,
    identifiers: [cookie],
    properties: { page: messageId },
  });
  const rows = (text: string) => store.query('background', dynamicStatement('test.rows', text));

  it('reaches what the backup had accepted and not resolved yet', async () => {
    const { line, reapply: again } = await restored();
    await line.accept('web', [says('ada', 1, ada), says('bob', 1, bob)]);
    await again();
    expect(await rows('SELECT value FROM identifier')).toEqual([{ value: bob.value }]);
    expect(await rows('SELECT traits FROM profile')).toEqual([{ traits: { name: 'bob' } }]);
    expect(await rows(selectTextsOf('ada@shop'))).toEqual([]);
    expect(await rows('SELECT origin, state FROM privacy_request')).toEqual([
      { origin: 'journal', state: 'done' },
    ]);
  });

  it('is known to identity also where the store knew nothing of her', async () => {
    const { line, reapply: again } = await restored();
    await line.accept('web', [says('bob', 1, bob)]);
    await again();
    expect(await rows('SELECT identifier_hash AS hash FROM erasure')).toEqual([
      { hash: testKeys.identifierHash('email', ada.value) },
    ]);
    expect(await rows('SELECT state FROM privacy_request')).toEqual([{ state: 'done' }]);
    await line.accept('web', [says('ada', 1, ada)]);
    await line.resolve();
    expect(await rows('SELECT value FROM identifier')).toEqual([{ value: bob.value }]);
  });

  it('reaches her where config has no namespace for her any more', async () => {
    const { line } = await restored();
    await line.accept('web', [says('ada', 1, ada)]);
    await line.resolve();
    const { identity } = line.room.settings;
    const namespaces = new Map([...identity.namespaces].filter(([name]) => name !== 'email'));
    const now = day + 10_000;
    const later = await createLine(store, { now, settings: { identity: { namespaces } } });
    const privacy = privacyOver(store, later, { journalFolder: folder });
    expect(await privacy.reapply(later.resolve)).toBe(1);
    await later.resolve();
    while (await privacy.step());
    expect(await rows('SELECT value FROM identifier')).toEqual([]);
    expect(await rows('SELECT state FROM privacy_request')).toEqual([{ state: 'done' }]);
  });

  it('leaves a request alone that the log of the backup holds itself', async () => {
    const earlier = await createLine(store, { now: day + 8_000 });
    const asked = await privacyOver(store, earlier).erase({ identifiers: [ada] }, 'officer');
    await rows('DELETE FROM privacy_request');
    const { reapply: again } = await restored('id' in asked ? asked.id : '');
    await again();
    expect(await rows('SELECT origin, state FROM privacy_request')).toEqual([
      { origin: 'api', state: 'done' },
    ]);
    expect(await rows(selectTextsOf('ada@shop'))).toEqual([]);
  });

  const herTime = [says('ada', 2, ada, cookie), visits('hers', 2.5)];
  const hisTime = [says('bob', 4, bob, cookie), visits('his', 4.5)];
  const selectVisits = `SELECT properties ->> 'page' AS page FROM fact WHERE name = 'Visited'`;

  it('gives what she did on a shared device to nobody', async () => {
    const { line, reapply: again } = await restored();
    await line.accept('web', [...herTime, ...hisTime]);
    await line.resolve();
    await again();
    expect(await rows(selectVisits)).toEqual([{ page: 'his' }]);
    expect(await rows(selectTextsOf('hers'))).toEqual([]);
  });

  it('nor where the others come to the device after the backup', async () => {
    const { line, reapply: again } = await restored();
    await line.accept('web', herTime);
    await again();
    await line.accept('web', hisTime);
    await line.resolve();
    expect(await rows(selectVisits)).toEqual([{ page: 'his' }]);
  });
});

const selectTextsOf = (text: string): string =>
  `SELECT number FROM event WHERE strpos(encode(payload, 'escape'), '${text}') > 0`;
