// Who is erased is kept out from the very record on that says so, whoever else commits at that moment.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { eachStore, emptyStore } from '../../../test/support/stores.ts';
import { testBounds, testKeys, testSettings, testSource } from '../../../test/support/settings.ts';
import { internalSource, withInternalSource } from '../sources/internal-source.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { createIntake, type Intake } from './intake.ts';

const receivedAt = Date.parse('2026-03-01T12:00:00.000Z');
const web = testSource('web');
const ada = [{ namespace: 'email', value: 'ada@example.com' }];
const erasure = {
  type: 'delete',
  messageId: 'erase',
  timestamp: receivedAt - 1_000,
  identifiers: ada,
};
const stale = {
  type: 'identify',
  messageId: 'stale',
  timestamp: receivedAt - 60_000,
  identifiers: ada,
  traits: { first_name: 'Ada' },
};
const viewed = {
  type: 'track',
  event: 'Viewed',
  messageId: 'viewed',
  trust: 'declared',
  identifiers: ada,
};
const login = { ...viewed, event: 'Signed in', messageId: 'login', trust: 'authenticated' };

eachStore('keeping out', (open) => {
  let store: Store;
  let intake: Intake;
  let kept: string[];

  beforeAll(async () => {
    store = await open();
    await emptyStore(store);
  });
  beforeEach(async () => {
    await emptyStore(store);
    kept = [];
    intake = createWith(store);
  });

  function createWith(over: Store): Intake {
    return createIntake({
      store: over,
      bounds: testBounds,
      settings: withInternalSource(testSettings()),
      keys: testKeys,
      onCommitted: () => Promise.resolve(),
      onKeptOut: ({ reason }) => kept.push(reason),
    });
  }

  const submit = (...records: readonly unknown[]) =>
    intake.submit({ source: web, records, receivedAt });
  const typesInLog = async (): Promise<unknown[]> => {
    const text = 'SELECT type FROM event ORDER BY number';
    const rows = await store.query('background', dynamicStatement('test.read', text));
    return rows.map(({ type }) => type);
  };
  const suppressions = () =>
    store.query(
      'background',
      dynamicStatement('test.read', 'SELECT at, returned_at FROM suppression'),
    );

  it('keeps nothing of who was erased in a no that is said again for others, too', async () => {
    const bob = { namespace: 'user_id', value: 'bob' };
    const consents = [
      { purpose: 'ads', status: 'granted' },
      { purpose: 'email_marketing', status: 'denied' },
    ];
    const both = {
      type: 'track',
      event: 'Saved',
      identifiers: [bob, ...ada],
      consents,
      origin: 'client',
    };
    const at = (after: number, ...records: readonly unknown[]) =>
      intake.submit({ source: web, records, receivedAt: receivedAt + after });
    await at(0, { ...both, trust: 'declared' });
    await at(1, { ...erasure, timestamp: receivedAt + 1 });
    await at(2, { ...both, trust: 'declared' });
    const text = "SELECT convert_from(payload, 'UTF8') AS payload FROM event ORDER BY number";
    const rows = await store.query('background', dynamicStatement('test.read', text));
    expect(rows).toHaveLength(3);
    expect(rows[2]?.payload).toContain('email_marketing');
    expect(rows[2]?.payload).not.toContain('ada@example.com');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['in one request', () => submit(erasure, stale, viewed)],
    ['in one commit', () => Promise.all([submit(erasure), submit(stale), submit(viewed)])],
    ['one after the other', () => submit(erasure).then(() => submit(stale, viewed))],
  ])('keeps out what comes behind the erasure %s', async (_, send) => {
    await send();
    expect(await typesInLog()).toEqual(['delete']);
    expect(kept).toEqual(['before_erasure', 'not_returned']);
  });

  it('takes what came before it, and who comes back behind it', async () => {
    await submit({ ...viewed, messageId: 'before' }, erasure, login, viewed);
    expect(await typesInLog()).toEqual(['track', 'delete', 'track', 'track']);
    expect(await suppressions()).toEqual([{ at: receivedAt - 1_000, returned_at: receivedAt }]);
  });

  it('brings nobody back by a copy of what was taken in before, however late it comes', async () => {
    const { messageId: _, ...timeless } = login;
    const copyAt = receivedAt + 60_000;
    await submit(timeless, erasure);
    const copy = await intake.submit({ source: web, records: [timeless], receivedAt: copyAt });
    expect(copy).toMatchObject({ accepted: 0 });
    expect(await suppressions()).toMatchObject([{ returned_at: null }]);
    await intake.submit({ source: web, records: [viewed], receivedAt: copyAt });
    expect(kept.at(-1)).toBe('not_returned');
  });

  it('brings nobody back by what she did before she was erased once more', async () => {
    await submit({ ...erasure, messageId: 'first', timestamp: receivedAt - 5_000 });
    await submit({ ...login, timestamp: receivedAt - 3_000 }, erasure);
    expect(await suppressions()).toEqual([{ at: receivedAt - 1_000, returned_at: null }]);
  });

  it('hears of an erasure that somebody else commits while it decides', async () => {
    const other = createWith(store);
    let isTold = false;
    intake = createWith({
      ...store,
      async query<Row extends object>(...call: Parameters<Store['query']>) {
        const rows = await store.query<Row>(...call);
        if (call[1].name === 'privacy.select_suppressions' && !isTold) {
          isTold = true;
          await other.submit({ source: web, records: [erasure], receivedAt });
        }
        return rows;
      },
    });
    const { suppressed } = await submit(stale);
    expect(suppressed).toBe(1);
    expect(await typesInLog()).toEqual(['delete']);
    expect(kept).toEqual(['before_erasure']);
    expect(await submit(login)).toMatchObject({ accepted: 1 });
  });

  it('asks the store for nothing more as long as nobody is erased', async () => {
    const asked: string[] = [];
    intake = createWith({
      ...store,
      query(...call) {
        asked.push(call[1].name);
        return store.query(...call);
      },
    });
    await submit(viewed);
    asked.length = 0;
    await submit({ ...viewed, messageId: 'again' });
    expect(asked).toEqual(['privacy.select_suppressions', 'intake.append_events']);
  });

  it('forgets two in one commit who share an address and are no more heard of', async () => {
    const aged = (messageId: string) => ({
      ...erasure,
      messageId,
      context: {
        privacy: { request: messageId, actor: 'retention', origin: 'retention', last: true },
      },
    });
    const records = [aged('one'), aged('two')];
    const receipt = await intake.submit({ source: internalSource, records, receivedAt });
    expect(receipt).toMatchObject({ accepted: 2 });
  });

  const keptAside = (): Promise<object[]> =>
    store.query(
      'background',
      dynamicStatement(
        'test.kept_aside',
        `SELECT code, convert_from(payload, 'UTF8') AS payload FROM quarantine ORDER BY id`,
      ),
    );
  const invalid = (identifiers: unknown, change: object = {}): object => ({
    type: 'consent',
    identifiers,
    consents: [{ purpose: 'nobody_knows', status: 'granted' }],
    ...change,
  });
  const bob = [{ namespace: 'email', value: 'bob@example.com' }];

  it.each<[string, object]>([
    ['an unknown purpose', invalid(ada)],
    [
      'no word for her',
      invalid([{ namespace: 'mail', value: 'x' }], { subject: 'Ada@Example.com' }),
    ],
    ['identifiers that are no list', invalid({ email: 'ada@example.com' })],
    ['a trait that is one', { type: 'identify', traits: { email: 'ADA@example.com' } }],
    ['an alias of nobody', { type: 'alias', identifiers: bob, previous: ada[0], extra: 1 }],
  ])('keeps nothing aside that names her by %s', async (_, record) => {
    await submit(erasure);
    const { quarantined } = await submit(record, invalid(bob));
    expect(quarantined).toHaveLength(2);
    expect(await keptAside()).toMatchObject([{ payload: expect.stringContaining('bob@') }]);
    expect(kept).toEqual(['not_returned']);
  });

  it('keeps nothing aside that names her in the group of her erasure', async () => {
    await submit(erasure, invalid(ada));
    expect(await keptAside()).toEqual([]);
  });

  it('keeps nothing aside of a namespace that config has no more', async () => {
    const crm = [{ namespace: 'crm_id', value: ' C-4711 ' }];
    await submit({ ...erasure, identifiers: crm });
    const settings = withInternalSource(testSettings());
    const namespaces = new Map(settings.identity.namespaces);
    namespaces.delete('crm_id');
    intake.goBy({
      bounds: testBounds,
      settings: { ...settings, identity: { ...settings.identity, namespaces } },
    });
    const { quarantined } = await submit({ ...viewed, identifiers: crm });
    expect(quarantined).toHaveLength(1);
    expect(await keptAside()).toEqual([]);
  });

  it('keeps aside what names her once she is back', async () => {
    await submit(erasure, login);
    await submit(invalid(ada));
    expect(await keptAside()).toHaveLength(1);
  });
});
