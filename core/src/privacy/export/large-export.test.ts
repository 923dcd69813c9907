// Somebody with a hundred thousand events, and more of everything else than one page takes, gets all of it;
// no more than a page at a time comes out of the store.
import { beforeAll, expect, it } from 'vitest';
import { createLine } from '../../../../test/support/line.ts';
import { eachStore } from '../../../../test/support/stores.ts';
import { keepsAll } from '../../retention/settings.ts';
import { readerOf } from '../../store/reader.ts';
import { dynamicStatement, type Lane, type Statement, type Store } from '../../store/store.ts';
import { exportPerson } from '../access.ts';
import { findPerson } from '../find-person.ts';
import type { PrivacyWorld } from '../world.ts';

const now = Date.UTC(2026, 5, 1);
const events = 100_000;
const pairs = 6_000;
const rows = 11_000;
const slow = { timeout: 240_000 };

eachStore('a large export', (open) => {
  let store: Store;
  let world: PrivacyWorld;
  /** Most rows that a statement has answered with. */
  let most = 0;

  beforeAll(async () => {
    store = await open();
    const line = await createLine(store, { now });
    const identifiers = [
      { namespace: 'user_id', value: 'u1' },
      { namespace: 'email', value: 'ada@shop.example' },
    ];
    await line.accept('web', [
      { type: 'identify', messageId: 'm1', identifiers, traits: { plan: 'pro' } },
      { type: 'track', messageId: 'm2', identifiers, event: 'Order Completed' },
    ]);
    await line.resolve();
    for (const text of grow) await store.query('background', dynamicStatement('test.grow', text));
    const watched: Store = {
      ...store,
      async query<Row extends object>(
        lane: Lane,
        statement: Statement,
        asked?: readonly unknown[],
      ) {
        const found = await store.query<Row>(lane, statement, asked);
        most = Math.max(most, found.length);
        return found;
      },
    };
    world = {
      store: watched,
      intake: line.intake,
      room: line.room,
      delivery: { instances: new Map(), pursueErasure: () => Promise.reject(new Error('none')) },
      enabled: new Set(),
      settings: { deadlineMs: 1, journalFolder: undefined, retention: keepsAll },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    };
  }, 240_000);

  it('is whole, page by page', slow, async () => {
    const question = { identifiers: [{ namespace: 'email', value: 'ada@shop.example' }] };
    const found = await findPerson(readerOf(store), question, world);
    if (found.kind !== 'person') throw new Error(`found ${found.kind}`);
    most = 0;
    const { chunks } = exportPerson(found.person, 'json', 'r1', { ...world, hubName: 'test' });
    const counts = new Map<string, number>();
    let section = '';
    let newest = Infinity;
    for await (const chunk of chunks) {
      section = /"(\w+)": \[$/.exec(chunk)?.[1] ?? section;
      const item = /^,?\n(\{.*\})$/.exec(chunk)?.[1];
      if (item === undefined) continue;
      counts.set(section, (counts.get(section) ?? 0) + 1);
      if (section !== 'events') continue;
      const at = Date.parse((JSON.parse(item) as { at: string }).at);
      expect(at).toBeLessThanOrEqual(newest);
      newest = at;
    }
    expect(Object.fromEntries(counts)).toMatchObject({
      events: events + 1,
      identifiers: pairs + 2,
      evidence: pairs + 1,
      sent: rows,
      deadLetters: rows,
    });
    expect(most).toBeLessThanOrEqual(5_000);
  });
});

/** Copies of what she said, on one more identifier for each pair. */
const grow: readonly string[] = [
  `INSERT INTO event (number, source, message_hash, received_at, at, type, historical, subject_hash,
     key_id, payload)
   SELECT e.number + n, e.source, gen_random_uuid(), e.received_at, e.at - n * interval '1 minute', e.type,
     true, e.subject_hash, e.key_id, e.payload
   FROM event e CROSS JOIN generate_series(1, ${events}) n WHERE e.type = 'track'`,
  `INSERT INTO fact (subject_id, type, name, at, number, message_hash, source, properties)
   SELECT f.subject_id, f.type, f.name || n % 7, f.at - n * interval '1 minute', f.number + n,
     gen_random_uuid(), f.source, f.properties
   FROM fact f CROSS JOIN generate_series(1, ${events}) n`,
  `INSERT INTO identifier (hash, latent_id, namespace, kind, value, first_at, last_at, component, profile_id)
   SELECT gen_random_uuid(), gen_random_uuid(), 'crm_id', 'person', 'c' || n, i.first_at, i.last_at,
     i.component, i.profile_id
   FROM identifier i CROSS JOIN generate_series(1, ${pairs}) n WHERE i.namespace = 'user_id'`,
  `INSERT INTO evidence (left_id, right_id, trust, at, source, message_hash, number)
   SELECT u.id, c.id, 1, u.first_at, 'web', gen_random_uuid(), 1
   FROM identifier u JOIN identifier c ON c.namespace = 'crm_id' WHERE u.namespace = 'user_id'`,
  `INSERT INTO ledger (instance, list, key_hash, identifier_id, namespace, value, vendor_key, profile_id,
     wanted, presence, presence_before, status, attempts, planned_at, changed_at)
   SELECT 'mail', 'Readers', gen_random_uuid(), i.id, i.namespace, i.value, i.value, i.profile_id, true,
     'confirmed', 'confirmed', 'settled', 0, now(), now()
   FROM identifier i CROSS JOIN generate_series(1, ${rows}) n WHERE i.namespace = 'user_id'`,
  `INSERT INTO dead_letter (instance, stage, kind, identifier_id, code, message, at)
   SELECT 'mail', 'send', 'audience', i.id, 'REFUSED', 'no', now()
   FROM identifier i CROSS JOIN generate_series(1, ${rows}) n WHERE i.namespace = 'user_id'`,
];
