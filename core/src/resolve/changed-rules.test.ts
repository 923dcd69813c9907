// Config changes under a log that was resolved by other rules: what a rebuild makes of it is what a hub
// would have made that had these rules from the start.
import { describe, expect, it } from 'vitest';
import { createLine, type Line } from '../../../test/support/line.ts';
import { testKeys, testSettings } from '../../../test/support/settings.ts';
import { eachStore } from '../../../test/support/stores.ts';
import { findByIdentifier } from '../identity/find.ts';
import type { NamespaceSettings } from '../identity/settings.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { rebuild } from './rebuild.ts';
import { refold } from './refold.ts';

const now = Date.UTC(2026, 5, 1, 9);
const id = (namespace: string, value: string) => ({ namespace, value });

function identify(messageId: string, identifiers: object[], traits: object = {}): object {
  return { type: 'identify', messageId, identifiers, traits, timestamp: now - 5_000 };
}

function withSpace(name: string, change: Partial<NamespaceSettings>): Partial<StandardiseSettings> {
  const namespaces = new Map(testSettings().identity.namespaces);
  const space = namespaces.get(name);
  if (space) namespaces.set(name, { ...space, ...change });
  return { identity: { namespaces } };
}

function withoutSpace(name: string): Partial<StandardiseSettings> {
  const namespaces = new Map(testSettings().identity.namespaces);
  namespaces.delete(name);
  return { identity: { namespaces } };
}

function withoutPurpose(name: string): Partial<StandardiseSettings> {
  const { consent } = testSettings();
  const purposes = new Map(consent.purposes);
  purposes.delete(name);
  return { consent: { ...consent, purposes } };
}

async function rowsOf(store: Store, text: string): Promise<unknown[]> {
  return store.query('background', dynamicStatement('test.rows', text));
}

const people = `SELECT i.namespace, i.value, i.kind, i.profile_id, p.traits
  FROM identifier i LEFT JOIN profile p ON p.id = i.profile_id ORDER BY i.namespace, i.value`;
const ledger = 'SELECT purpose, status FROM consent_entry ORDER BY effective_at, purpose';

eachStore('rules that change under a resolved log', (open) => {
  async function take(line: Line, records: readonly object[]): Promise<void> {
    await line.accept('web', records);
    await line.resolve();
  }

  async function rebuilt(store: Store, settings?: Partial<StandardiseSettings>): Promise<Line> {
    const line = await createLine(store, { now, ...(settings && { settings }) });
    await rebuild({ store, room: line.room });
    return line;
  }

  /** By these rules from the start. */
  async function fresh(
    records: readonly object[],
    settings?: Partial<StandardiseSettings>,
  ): Promise<unknown[]> {
    const store = await open();
    await take(await createLine(store, { now, ...(settings && { settings }) }), records);
    return rowsOf(store, people);
  }

  const team = [
    identify('m1', [id('user_id', 'u1'), id('email', 'team@x.example')], { a: 1 }),
    identify('m2', [id('crm_id', 'c2'), id('email', 'team@x.example')], { a: 2 }),
  ];
  const shared = withSpace('email', { shared: new Set(['team@x.example']) });

  it('a value that becomes shared is nobody, and those who name it are its holders', async () => {
    const store = await open();
    await take(await createLine(store, { now }), team);
    await rebuilt(store, shared);
    expect(await rowsOf(store, people)).toEqual(await fresh(team, shared));
    const hash = testKeys.identifierHash('email', 'team@x.example');
    const found = await store.transaction('background', (one) => findByIdentifier(one, hash));
    expect(found).toMatchObject({ kind: 'contact' });
  });

  it('a value that is shared no more joins those who name it', async () => {
    const store = await open();
    await take(await createLine(store, { now, settings: shared }), team);
    await rebuilt(store);
    expect(await rowsOf(store, people)).toEqual(await fresh(team));
  });

  it('a namespace that becomes one of devices joins nobody any more', async () => {
    const store = await open();
    const devices = withSpace('crm_id', { kind: 'device' });
    const records = [
      identify('m1', [id('user_id', 'u1'), id('crm_id', 'c1')], { a: 1 }),
      identify('m2', [id('user_id', 'u2'), id('crm_id', 'c1')], { a: 2 }),
    ];
    await take(await createLine(store, { now }), records);
    await rebuilt(store, devices);
    expect(await rowsOf(store, people)).toEqual(await fresh(records, devices));
  });

  const wish = [
    {
      type: 'consent',
      messageId: 'c1',
      identifiers: [id('email', 'ada@x.example')],
      timestamp: now - 2_000,
      consents: [{ purpose: 'email_marketing', status: 'granted' }],
    },
    {
      type: 'consent',
      messageId: 'c2',
      identifiers: [id('email', 'ada@x.example'), id('crm_id', 'c1')],
      timestamp: now - 1_000,
      consents: [
        { purpose: 'email_marketing', status: 'withdrawn' },
        { purpose: 'ads', status: 'withdrawn' },
      ],
    },
  ];

  it('a withdrawal outlives the purpose and the namespace that were named beside it', async () => {
    for (const settings of [withoutPurpose('ads'), withoutSpace('crm_id')]) {
      const store = await open();
      await take(await createLine(store, { now }), wish);
      await rebuilt(store, settings);
      expect(await rowsOf(store, ledger)).toContainEqual({
        purpose: 'email_marketing',
        status: 'withdrawn',
      });
      expect(await rowsOf(store, 'SELECT code FROM quarantine')).toEqual([]);
    }
  });

  it('what a record says of whom it names now is found by the name of now', async () => {
    const store = await open();
    const before = withSpace('email', { priority: -1 });
    const records = [
      identify('m1', [id('user_id', 'u1'), id('email', 'ada@x.example')], { plan: 'pro' }),
    ];
    await take(await createLine(store, { now, settings: before }), records);
    const { room } = await rebuilt(store);
    const hash = testKeys.identifierHash('user_id', 'u1');
    await store.transaction('resolve', (transaction) =>
      refold(transaction, { before: [{ hash, number: 2 }], after: [] }, room),
    );
    expect(await rowsOf(store, 'SELECT traits FROM profile')).toEqual([
      { traits: expect.objectContaining({ plan: expect.anything() }) },
    ]);
  });

  describe('what was put aside because config had forgotten its words', () => {
    const record = [identify('m1', [id('crm_id', 'c1')], { plan: 'pro' })];
    const aside = 'SELECT number, state FROM quarantine ORDER BY id';

    async function putAside(): Promise<Store> {
      const store = await open();
      await (await createLine(store, { now })).accept('web', record);
      await (await createLine(store, { now, settings: withoutSpace('crm_id') })).resolve();
      expect(await rowsOf(store, aside)).toEqual([{ number: 1, state: 'open' }]);
      return store;
    }

    it('waits once, however often it is found again', async () => {
      const store = await putAside();
      await rebuilt(store, withoutSpace('crm_id'));
      expect(await rowsOf(store, aside)).toEqual([{ number: 1, state: 'open' }]);
    });

    it('counts, and waits no more, when it can be read again', async () => {
      const store = await putAside();
      await rebuilt(store);
      expect(await rowsOf(store, aside)).toEqual([{ number: 1, state: 'replayed' }]);
      expect(await rowsOf(store, people)).toEqual(await fresh(record));
    });

    it('counts for nothing when an operator dropped it', async () => {
      const store = await putAside();
      await rowsOf(store, "UPDATE quarantine SET state = 'dropped', settled_at = now()");
      await rebuilt(store);
      expect(await rowsOf(store, aside)).toEqual([{ number: 1, state: 'dropped' }]);
      expect(await rowsOf(store, 'SELECT traits FROM profile')).toEqual([]);
    });
  });
});
