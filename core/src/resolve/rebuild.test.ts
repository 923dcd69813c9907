// After config has changed, a rebuild makes what a hub with that config would have made of the same log.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { createLine, type Line } from '../../../test/support/line.ts';
import { testSettings } from '../../../test/support/settings.ts';
import { eachStore, emptyStore } from '../../../test/support/stores.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { rebuild } from './rebuild.ts';

const start = Date.parse('2026-03-01T12:00:00.000Z');
const user = (value: string) => ({ namespace: 'user_id', value });
const crm = (value: string) => ({ namespace: 'crm_id', value });
const email = (value: string) => ({ namespace: 'email', value });

eachStore('a rebuild by another config', (open) => {
  let store: Store;
  let line: Line;
  let sent = 0;

  beforeAll(async () => {
    store = await open();
    await emptyStore(store);
  });
  beforeEach(async () => {
    await emptyStore(store);
    line = await createLine(store, { now: start });
  });

  const rows = (text: string) => store.query('background', dynamicStatement('test.read', text));
  const say = (type: string, identifiers: object[], more: object) => ({
    type,
    messageId: `m${(sent += 1)}`,
    identifiers,
    ...more,
  });
  const identify = (identifiers: object[], traits: object) =>
    say('identify', identifiers, { traits });
  const send = async (...records: object[]) => {
    await line.accept('web', records);
    await line.resolve();
  };
  const change = async (settings: Partial<StandardiseSettings>) => {
    line = await createLine(store, { now: start, settings });
  };
  const rebuildBy = async (settings: Partial<StandardiseSettings>) => {
    await change(settings);
    await rebuild({ store, room: line.room });
  };
  const people = () =>
    rows(
      `SELECT string_agg(namespace || ':' || value, ' ' ORDER BY namespace, value) AS names
       FROM identifier WHERE profile_id IS NOT NULL GROUP BY profile_id ORDER BY names`,
    );

  const withdrawal = (purpose: string) => ({ purpose, status: 'withdrawn' });
  const ledger = () => rows('SELECT purpose, status FROM consent_entry ORDER BY number, place');
  const aside = () => rows('SELECT number, code, state FROM quarantine ORDER BY id');

  it('tells how far the log is before it empties anything, and again where it begins anew', async () => {
    await send(identify([user('u1')], { plan: 'pro' }), identify([user('u2')], { plan: 'pro' }));
    const told: unknown[] = [];
    const beforeFolding = async (last: number) => {
      told.push([last, await people()]);
      if (told.length === 1) throw new Error('the process ends here');
    };
    const begin = () => rebuild({ store, room: line.room, beforeFolding });
    await expect(begin()).rejects.toThrow('ends here');
    await begin();
    expect(told).toEqual([
      [2, [{ names: 'user_id:u1' }, { names: 'user_id:u2' }]],
      [2, [{ names: 'user_id:u1' }, { names: 'user_id:u2' }]],
    ]);
  });

  it('keeps a withdrawal whose record names a purpose that is gone, too', async () => {
    await send(
      say('consent', [email('ada@example.com')], {
        timestamp: start - 2_000,
        consents: [{ purpose: 'email_marketing', status: 'granted' }],
      }),
      say('consent', [email('ada@example.com')], {
        timestamp: start - 1_000,
        consents: [withdrawal('email_marketing'), withdrawal('ads')],
      }),
    );
    const before = await ledger();
    await rebuildBy(without({ purpose: 'ads' }));
    expect(await aside()).toEqual([]);
    // Whoever brings the purpose back must not find that everybody said nothing.
    expect(await ledger()).toEqual(before);
  });

  it('keeps of a record all but the identifier of a namespace that is gone', async () => {
    await send(
      say('identify', [user('u1'), crm('c1'), email('ada@example.com')], {
        traits: { plan: 'pro' },
        consents: [withdrawal('ads')],
      }),
      say('alias', [user('u2')], { previous: crm('c2'), consents: [withdrawal('analytics')] }),
    );
    await rebuildBy(without({ namespace: 'crm_id' }));
    expect(await aside()).toEqual([]);
    expect(await people()).toEqual([
      { names: 'email:ada@example.com user_id:u1' },
      { names: 'user_id:u2' },
    ]);
    expect(await ledger()).toEqual([
      { purpose: 'ads', status: 'withdrawn' },
      { purpose: 'ads', status: 'withdrawn' },
      { purpose: 'analytics', status: 'withdrawn' },
    ]);
  });

  it('puts a record aside that names nobody any more', async () => {
    await send(identify([crm('c1')], { plan: 'pro' }));
    await rebuildBy(without({ namespace: 'crm_id' }));
    expect(await aside()).toEqual([{ number: 1, code: 'RECORD_UNKNOWN_NAMESPACE', state: 'open' }]);
  });
});

function without(gone: { purpose?: string; namespace?: string }): Partial<StandardiseSettings> {
  const { consent, identity } = testSettings();
  const purposes = new Map(consent.purposes);
  if (gone.purpose !== undefined) purposes.delete(gone.purpose);
  const namespaces = new Map(identity.namespaces);
  if (gone.namespace !== undefined) namespaces.delete(gone.namespace);
  return { consent: { ...consent, purposes }, identity: { namespaces } };
}
