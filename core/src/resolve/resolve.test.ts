import { beforeAll, beforeEach, expect, it } from 'vitest';
import { createLine, type Line } from '../../../test/support/line.ts';
import { testKeys } from '../../../test/support/settings.ts';
import { eachStore, emptyStore } from '../../../test/support/stores.ts';
import type { AudienceSettings } from '../audience/rule.ts';
import { createConsentReader } from '../consent/read.ts';
import { stopped } from '../consent/stop.ts';
import { ageQuarantine } from '../intake/quarantine.ts';
import { createSteadyClock } from '../observe/steady-clock.ts';
import { systemClock } from '../observe/system-clock.ts';
import { isPassingFailure, StoreError } from '../store/errors.ts';
import { dynamicStatement, type Store, type Transaction } from '../store/store.ts';
import { rebuild, rebuildWhenRulesChanged } from './rebuild.ts';
import { createResolver } from './resolver.ts';

const selectFactNames = dynamicStatement('test.facts', 'SELECT name FROM fact');
const start = Date.parse('2026-03-01T12:00:00.000Z');
const minute = 60_000;
const user = (value: string) => ({ namespace: 'user_id', value });
const email = (value: string) => ({ namespace: 'email', value });
const device = (value: string) => ({ namespace: 'anonymous_id', value });

const buyers: AudienceSettings = {
  name: 'buyers',
  title: 'Bought in the last hour',
  rule: {
    kind: 'measure',
    measure: {
      events: [{ type: 'track', name: 'Order', where: [] }],
      window: { kind: 'sliding', fromMs: 60 * minute, toMs: 0 },
      aggregate: { kind: 'count' },
    },
    comparison: { kind: 'number', atLeast: 1 },
  },
};

eachStore('resolve', (open) => {
  let store: Store;
  let line: Line;
  let sent = 0;

  beforeAll(async () => {
    store = await open();
    await emptyStore(store);
  });
  beforeEach(async () => {
    await emptyStore(store);
    line = await createLine(store, { now: start, audiences: [buyers] });
  });

  const rows = (text: string) => store.query('background', dynamicStatement('test.read', text));
  const track = (event: string, identifiers: object[], change: object = {}) => ({
    type: 'track',
    event,
    messageId: `m${(sent += 1)}`,
    identifiers,
    ...change,
  });
  const identify = (identifiers: object[], traits: object, change: object = {}) => ({
    type: 'identify',
    traits,
    messageId: `m${(sent += 1)}`,
    identifiers,
    ...change,
  });
  const send = async (...records: object[]) => {
    await line.accept('web', records);
    await line.resolve();
  };

  it('makes one person of two logins and what happened before them', async () => {
    await send(track('Viewed', [device('d1')], { timestamp: start - 2 * minute }));
    await send(identify([user('u1'), device('d1')], { email: 'Ada@Example.com', plan: 'free' }));
    await send(identify([email('ada@example.com')], { plan: 'pro' }));
    const profiles = await rows('SELECT id, traits FROM profile');
    expect(profiles).toHaveLength(1);
    expect(profiles[0]?.['traits']).toEqual({ email: 'Ada@Example.com', plan: 'pro' });
    const events = await rows(
      `SELECT ps.profile_id, f.name FROM fact f JOIN profile_subject ps ON ps.subject_id = f.subject_id
       AND f.at >= ps.from_at AND f.at < ps.to_at WHERE f.type = 'track'`,
    );
    expect(events).toEqual([{ profile_id: profiles[0]?.['id'], name: 'Viewed' }]);
  });

  it('takes what came in before a restore for caused before', async () => {
    const causes = () => rows('SELECT cause FROM membership ORDER BY cause');
    await line.accept('web', [track('Order', [user('u1')])]);
    const restoredAt = start + 2 * minute;
    line.time.now = restoredAt;
    await line.accept('web', [track('Order', [user('u2')])]);
    const resolver = createResolver({
      store,
      room: { ...line.room, historicalBefore: restoredAt },
      isPassing: isPassingFailure,
    });
    expect(await resolver.drain()).toBe(2);
    expect(await causes()).toEqual([{ cause: 'historical' }, { cause: 'live' }]);
  });

  it('enters an audience as an event arrives and leaves it at the very second', async () => {
    await send(track('Order', [user('u1')], { timestamp: start - 10 * minute }));
    expect(await rows('SELECT audience, cause FROM membership')).toEqual([
      { audience: 'buyers', cause: 'live' },
    ]);
    line.time.now = start + 50 * minute - 1;
    await line.resolve();
    expect(await rows('SELECT 1 FROM membership')).toHaveLength(1);
    line.time.now = start + 50 * minute;
    await line.resolve();
    expect(await rows('SELECT 1 FROM membership')).toHaveLength(0);
  });

  it('keeps a membership through a merge and takes it for no new entry', async () => {
    await send(track('Order', [email('ada@example.com')]));
    const before = await rows('SELECT since, cause FROM membership');
    line.time.now += minute;
    await send(identify([user('u1'), email('ada@example.com')], {}));
    expect(await rows('SELECT since, cause FROM membership')).toEqual(before);
  });

  it('says that a back-filled order made the member', async () => {
    await send(track('Order', [user('u1')], { historical: true }));
    expect(await rows('SELECT cause FROM membership')).toEqual([{ cause: 'historical' }]);
  });

  it('forgets an erased person, whatever arrives late, and begins anew afterwards', async () => {
    await send(
      identify([user('u1'), email('ada@example.com')], { plan: 'pro' }),
      track('Order', [user('u1')]),
    );
    line.time.now += minute;
    await send({
      type: 'delete',
      messageId: 'erase',
      identifiers: [user('u1'), email('ada@example.com')],
    });
    await send(track('Order', [user('u1')], { timestamp: start }));
    expect(await rows('SELECT 1 FROM fact')).toHaveLength(0);
    expect(await rows('SELECT 1 FROM subject_state')).toHaveLength(0);
    expect(await rows('SELECT 1 FROM membership')).toHaveLength(0);
    const audit = await rows('SELECT entry FROM audit');
    expect(audit.some(({ entry }) => String(entry).includes('"data.erased"'))).toBe(true);
    line.time.now += minute;
    await send(track('Order', [user('u1')]));
    expect(await rows('SELECT name FROM fact')).toEqual([{ name: 'Order' }]);
  });

  it('drops stops once they have become consent entries', async () => {
    await line.accept('web', [
      {
        type: 'consent',
        messageId: 'c1',
        identifiers: [user('u1')],
        consents: [{ purpose: 'ads', status: 'denied' }],
      },
    ]);
    expect(await rows('SELECT purpose FROM stop')).toEqual([{ purpose: 'ads' }]);
    await line.resolve();
    expect(await rows('SELECT purpose FROM stop')).toEqual([]);
    expect(await rows('SELECT purpose, status FROM consent_entry')).toEqual([
      { purpose: 'ads', status: 'denied' },
    ]);
  });

  it('tells everybody who holds an address of what was said about it', async () => {
    await send(identify([user('u1'), email('info@shop.example')], {}));
    await send(identify([user('u2'), email('info@shop.example')], {}));
    const changed = () => rows('SELECT id, changed FROM profile ORDER BY id');
    const before = await changed();
    await send({
      type: 'consent',
      messageId: `m${(sent += 1)}`,
      identifiers: [email('info@shop.example')],
      consents: [{ purpose: 'email_marketing', status: 'withdrawn' }],
    });
    const after = await changed();
    expect(before).toHaveLength(2);
    after.forEach((row, place) => {
      expect(Number(row['changed'])).toBeGreaterThan(Number(before[place]?.['changed']));
    });
  });

  // What the hub's own code throws, and what only the database refuses.
  const refuse = (transaction: Transaction) =>
    transaction.query(dynamicStatement('test.refused', `SELECT 'x'::bigint`));
  const boom = () => Promise.reject(new TypeError('boom'));

  it('puts a record aside that cannot be resolved, and goes on', async () => {
    for (const fail of [boom, refuse]) {
      expect(await resolvePoisoned(fail)).toEqual({
        facts: [{ name: 'A' }, { name: 'C' }],
        aside: [{ code: 'RESOLVE_FAILED', number: 2 }],
      });
    }
  });

  it('a withdrawal that is put aside goes on stopping her, until it is replayed', async () => {
    await resolvePoisoned(boom);
    const hash = testKeys.identifierHash('user_id', 'u2');
    const stops = (): Promise<Set<string>> =>
      store.transaction('gate', (one) => stopped(one, [hash], ['email_marketing'], 'email'));
    expect(await stops()).toEqual(new Set([hash]));
    await line.accept('web', [track('D', [user('u4')])]);
    await line.resolve();
    expect(await stops()).toEqual(new Set([hash]));
    await rebuild({ store, room: line.room });
    expect(await stops()).toEqual(new Set());
    expect(await rows(`SELECT status FROM consent_entry`)).toEqual([{ status: 'withdrawn' }]);
  });

  it('a record that is put aside stays open whatever its age, and an erasure ends what it stops', async () => {
    await resolvePoisoned(boom);
    const hash = testKeys.identifierHash('user_id', 'u2');
    const stops = (): Promise<Set<string>> =>
      store.transaction('gate', (one) => stopped(one, [hash], ['email_marketing'], 'email'));
    await store.transaction('background', (one) => ageQuarantine(one, start + 9 * minute, 100));
    expect(await rows('SELECT state FROM quarantine')).toEqual([{ state: 'open' }]);
    expect(await stops()).toEqual(new Set([hash]));
    line.time.now = start + minute;
    await line.accept('web', [{ type: 'delete', messageId: 'gone', identifiers: [user('u2')] }]);
    await line.resolve();
    expect(await stops()).toEqual(new Set());
  });

  it('tells how late it is by the clock that took a record, before anything is made of it', async () => {
    const clock = createSteadyClock({ error() {} }, { ...systemClock, now: () => start });
    await line.accept('web', [track('A', [user('u1')])]);
    line.time.now = start + 600; // taken by another process, whose clock is ahead
    await line.accept('web', [
      { type: 'consent', messageId: 'no', identifiers: [user('u1')], consents: [withdrawn] },
    ]);
    const seen: number[] = [];
    const resolver = createResolver({
      store,
      room: { ...line.room, now: () => (seen.push(clock.now()), clock.now()) },
      isPassing: isPassingFailure,
      onReceived: clock.startFrom,
    });
    await resolver.drain();
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(start + 600);
    const reader = createConsentReader(line.room.settings.consent, line.room.settings.identity);
    const [profile] = await rows('SELECT id FROM profile');
    const asked = [{ profileId: String(profile?.['id']), identifierIds: [] }];
    const decided = await store.transaction('gate', (one) =>
      reader.decide(one, asked, ['email_marketing'], 'email', clock.now()),
    );
    expect(decided).toMatchObject([{ granted: false, reason: 'withdrawn' }]);
  });

  it('what took too long is tried again before a record is blamed for it', async () => {
    const late = new StoreError('STORE_STATEMENT_FAILED', 'canceled', { sqlState: '57014' });
    let failures = 0;
    const twice = async (): Promise<void> => {
      failures += 1;
      if (failures <= 4) throw late;
    };
    // Two of them are of larger batches, which are halved.
    await expect(resolvePoisoned(twice)).rejects.toBe(late);
    await line.resolve();
    expect(await rows('SELECT name FROM fact ORDER BY name')).toHaveLength(3);
    expect(await rows('SELECT 1 FROM quarantine')).toEqual([]);
  });

  const withdrawn = { purpose: 'email_marketing', status: 'withdrawn' };

  /** Three records, the second of which cannot be resolved. */
  async function resolvePoisoned(fail: (transaction: Transaction) => Promise<unknown>) {
    await emptyStore(store);
    line = await createLine(store, { now: start, audiences: [buyers] });
    await line.accept('web', [
      track('A', [user('u1')]),
      track('B', [user('u2')], { consents: [withdrawn] }),
      track('C', [user('u3')]),
    ]);
    const { audiences } = line.room;
    const resolver = createResolver({
      store,
      room: {
        ...line.room,
        audiences: {
          ...audiences,
          async evaluate(transaction, input) {
            const names = await transaction.query<{ name: string }>(selectFactNames);
            if (names.some(({ name }) => name === 'B')) await fail(transaction);
            return audiences.evaluate(transaction, input);
          },
        },
      },
      isPassing: isPassingFailure,
    });
    await resolver.drain();
    return {
      facts: await rows('SELECT name FROM fact ORDER BY name'),
      aside: await rows('SELECT code, number FROM quarantine'),
    };
  }

  it('P17: a changed rule holds for everybody, by a rebuild at the next start and no other', async () => {
    const begin = (room: Line['room']) => rebuildWhenRulesChanged({ store, room });
    expect(await begin(line.room)).toBe(false);
    await send(identify([user('u1'), email('a@example.com')], {}, { timestamp: start - 2 }));
    await send(identify([user('u2'), email('a@example.com')], {}, { timestamp: start - 1 }));
    expect(await rows('SELECT 1 FROM profile')).toHaveLength(2);
    expect(await begin(line.room)).toBe(false);
    const { identity } = line.room.settings;
    const namespaces = new Map(identity.namespaces);
    const space = namespaces.get('user_id');
    if (space) namespaces.set('user_id', { ...space, limit: 2 });
    const settings = { ...line.room.settings, identity: { namespaces } };
    expect(await begin({ ...line.room, settings })).toBe(true);
    expect(await rows('SELECT 1 FROM profile')).toHaveLength(1);
    expect(await begin({ ...line.room, settings })).toBe(false);
  });

  it('writes merges and consents into the audit log', async () => {
    await send(track('A', [user('u1')]), track('B', [email('a@example.com')]));
    await send(identify([user('u1'), email('a@example.com')], {}));
    const [entry] = await rows('SELECT entry FROM audit ORDER BY number');
    const told = JSON.parse(String(entry?.['entry'])) as { kind: string; subjects: string[] };
    expect(told.kind).toBe('profile.merged');
    // People stand there by the random references of their identifiers, by nothing else.
    const references = (await rows('SELECT audit_ref FROM identifier')).map(
      (row) => row['audit_ref'],
    );
    expect(references).toEqual(expect.arrayContaining(told.subjects));
    const profiles = await rows('SELECT id FROM profile');
    expect(String(entry?.['entry'])).not.toContain(profiles[0]?.['id']);
  });
});
