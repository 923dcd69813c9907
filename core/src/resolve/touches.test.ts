// Audiences that a record cannot alter are not looked at, and those that it can alter are: by its
// event, its traits, or a contact point that it names, however the rest of the batch looks.
import { expect, it } from 'vitest';
import { dynamicStatement } from '../store/store.ts';
import type { Queryable, Store } from '../store/store.ts';
import type { AudienceSettings, Rule } from '../audience/rule.ts';
import { createLine } from '../../../test/support/line.ts';
import { eachStore } from '../../../test/support/stores.ts';

const now = Date.UTC(2026, 0, 31);
const at = new Date(now - 60_000).toISOString();
const later = new Date(now - 1_000).toISOString();

const ordered: Rule = {
  kind: 'measure',
  measure: {
    events: [{ type: 'track', name: 'Ordered', where: [] }],
    window: { kind: 'ever' },
    aggregate: { kind: 'count' },
  },
  comparison: { kind: 'number', atLeast: 1 },
};
const rules: Readonly<Record<string, Rule>> = {
  buyers: ordered,
  germans: { kind: 'trait', path: ['country'], comparison: { kind: 'is', value: 'DE' } },
  reachable: { kind: 'identifier', namespace: 'email' },
  german_buyers: {
    kind: 'all',
    rules: [
      { kind: 'audience', name: 'buyers' },
      { kind: 'audience', name: 'germans' },
    ],
  },
};
const audiences: AudienceSettings[] = Object.entries(rules).map(([name, rule]) => ({
  name,
  title: '',
  rule,
}));

const user = { namespace: 'user_id', value: 'ada' };
const shared = { namespace: 'email', value: 'info@shop.example' };

function queryable(store: Store): Queryable {
  return { query: (statement, parameters) => store.query('background', statement, parameters) };
}

eachStore('a known person', (open) => {
  it('comes into each audience by the record that alters it', async () => {
    const store = await open();
    const line = await createLine(store, { now, audiences });
    const members = async (): Promise<string[]> => {
      const text = 'SELECT audience FROM membership ORDER BY audience';
      const rows = await store.query<{ audience: string }>(
        'background',
        dynamicStatement('test.members', text),
      );
      return rows.map(({ audience }) => audience);
    };
    const say = async (record: object): Promise<string[]> => {
      await line.accept('web', [{ timestamp: at, identifiers: [user], ...record }]);
      await line.resolve();
      return members();
    };
    expect(await say({ type: 'track', event: 'Seen', messageId: '1' })).toEqual([]);
    expect(await say({ type: 'track', event: 'Ordered', messageId: '2' })).toEqual(['buyers']);
    expect(await say({ type: 'identify', traits: { country: 'DE' }, messageId: '3' })).toEqual([
      'buyers',
      'german_buyers',
      'germans',
    ]);
    expect(
      await say({ type: 'track', event: 'Seen', identifiers: [user, shared], messageId: '4' }),
    ).toContain('reachable');
    expect(
      await say({ type: 'identify', traits: { country: null }, timestamp: later, messageId: '5' }),
    ).toEqual(['buyers', 'reachable']);
  });

  it('is looked at as a whole when she is new, whatever made her known', async () => {
    const store = await open();
    const idle = { name: 'idle', title: '', rule: { kind: 'not', rule: ordered } as const };
    const line = await createLine(store, { now, audiences: [idle] });
    const consents = [{ purpose: 'analytics', status: 'granted' }];
    const identifiers = [{ namespace: 'user_id', value: 'eve' }];
    await line.accept('web', [{ type: 'consent', identifiers, consents, messageId: '1' }]);
    await line.resolve();
    expect(await line.audiences.membersOf(queryable(store), 'idle', now, { limit: 10 })).toEqual([
      expect.objectContaining({ cause: 'live' }),
    ]);
  });

  it('is looked at only as far as a record reaches', async () => {
    const names: string[] = [];
    const store = await open({ onStatement: (_, name) => names.push(name) });
    const line = await createLine(store, { now, audiences });
    const track = { type: 'track', timestamp: at, identifiers: [user] };
    await line.accept('web', [{ ...track, event: 'Seen', messageId: '1' }]);
    await line.resolve();
    names.length = 0;
    await line.accept('web', [{ ...track, event: 'Seen', messageId: '2' }]);
    await line.resolve();
    expect(names).not.toContain('audience.select_events');
    await line.accept('web', [{ ...track, event: 'Ordered', messageId: '3' }]);
    await line.resolve();
    expect(names).toContain('audience.select_events');
  });
});
