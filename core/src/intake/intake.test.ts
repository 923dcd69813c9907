import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unreadableRecord, type SourceRecord } from '@tributary/sdk';
import { emptyStore, eachStore } from '../../../test/support/stores.ts';
import { testBounds, testKeys, testSettings, testSource } from '../../../test/support/settings.ts';
import type { Stop } from '../consent/stop.ts';
import { StoreError } from '../store/errors.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { createIntake, isIntakeBusy, type Intake } from './intake.ts';

const receivedAt = Date.parse('2026-03-01T12:00:00.000Z');
const web = testSource('web');

const track = (messageId: string, change: Partial<SourceRecord> = {}): SourceRecord =>
  ({
    type: 'track',
    event: 'Opened',
    messageId,
    identifiers: [{ namespace: 'user_id', value: 'u1' }],
    ...change,
  }) as SourceRecord;

eachStore('intake', (open) => {
  let store: Store;
  let intake: Intake;
  let announced: Stop[][];

  beforeAll(async () => {
    store = await open();
    await emptyStore(store);
  });
  beforeEach(async () => {
    await emptyStore(store);
    announced = [];
    intake = createWith({});
  });

  function createWith(bounds: Partial<typeof testBounds>, over: Store = store): Intake {
    return createIntake({
      store: over,
      bounds: { ...testBounds, ...bounds },
      settings: testSettings(),
      keys: testKeys,
      onCommitted: async (stops) => void announced.push([...stops]),
    });
  }

  const submit = (records: readonly unknown[], source = web) =>
    intake.submit({ source, records, receivedAt });
  const rows = (text: string) => store.query('background', dynamicStatement('test.read', text));

  it('numbers events densely in the order of commits, however many arrive at once', async () => {
    const receipts = await Promise.all(
      Array.from({ length: 40 }, (_, index) => submit([track(`a${index}`), track(`b${index}`)])),
    );
    expect(receipts.every((receipt) => receipt.accepted === 2)).toBe(true);
    const numbers = await rows('SELECT number FROM event ORDER BY number');
    expect(numbers).toEqual(Array.from({ length: 80 }, (_, index) => ({ number: index + 1 })));
    expect(await rows('SELECT last FROM log_head')).toEqual([{ last: 80 }]);
  });

  it('drops what it has seen, within a request, a group and for ever, by source', async () => {
    expect(await submit([track('m1'), track('m1')])).toMatchObject({ accepted: 1, duplicates: 1 });
    const both = await Promise.all([submit([track('m2')]), submit([track('m2')])]);
    expect(both.map((receipt) => receipt.accepted).sort((a, b) => a - b)).toEqual([0, 1]);
    expect(await submit([track('m1')])).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await submit([track('m1')], testSource('shop'))).toMatchObject({ accepted: 1 });
    expect(await rows('SELECT last FROM log_head')).toEqual([{ last: 3 }]);
  });

  it('takes the content for the id where a source names none', async () => {
    const { messageId: _, ...nameless } = track('x');
    expect(await submit([nameless, { ...nameless, sentAt: receivedAt }])).toMatchObject({
      accepted: 1,
      duplicates: 1,
    });
  });

  it.each([
    { type: 'consent', consents: [{ purpose: 'email_marketing', status: 'withdrawn' }] },
    { type: 'identify', consents: [{ purpose: 'ads', status: 'denied' }], traits: {} },
    { type: 'delete' },
  ])('takes a no that is said again in the same words for another: %j', async (said) => {
    const no = { ...said, identifiers: [{ namespace: 'user_id', value: 'u1' }] };
    const later = (records: object[]) =>
      intake.submit({ source: web, records, receivedAt: receivedAt + 60_000 });
    await submit([no]);
    expect(await later([no])).toMatchObject({ accepted: 1, duplicates: 0 });
    const dated = { ...no, timestamp: receivedAt - 1_000 };
    await submit([dated]);
    expect(await later([dated])).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it('keeps what a plugin could not read as the item that it was, whatever it is', async () => {
    const items = [{ id: 7, email: 'ada@example.com' }, 'text', 'x'.repeat(40_000)];
    const receipt = await submit([...items.map(unreadableRecord), track('m1')]);
    expect(receipt).toMatchObject({ accepted: 1 });
    const codes = receipt.quarantined.map(({ code }) => code);
    expect(codes).toEqual(items.map(() => 'RECORD_UNREADABLE'));
    const kept = await rows(
      "SELECT convert_from(payload, 'UTF8') AS item FROM quarantine ORDER BY id",
    );
    expect(kept.map(({ item }) => JSON.parse(String(item)) as unknown)).toEqual(items);
  });

  const granted = { purpose: 'ads', status: 'granted' };
  const withdrawn = { purpose: 'email_marketing', status: 'withdrawn' };
  const identifiers = [{ namespace: 'user_id', value: 'u1' }];
  it.each<[string, object, object?]>([
    ['a consent', { type: 'consent', identifiers, consents: [granted, withdrawn] }],
    [
      'an identify',
      { type: 'identify', identifiers, consents: [granted, withdrawn], traits: { plan: 'pro' } },
    ],
    [
      'an event that an id of its content stands for',
      {
        type: 'track',
        event: 'Saved',
        messageId: 'hash',
        isContentId: true,
        identifiers,
        consents: [granted, withdrawn],
      },
    ],
  ])(
    'counts the no of %s that is said again in the same words, and its yes once',
    async (_, said) => {
      const later = (records: object[]) =>
        intake.submit({ source: web, records, receivedAt: receivedAt + 60_000 });
      expect(await submit([said, said])).toMatchObject({ accepted: 2, duplicates: 0 });
      expect(await later([said])).toMatchObject({ accepted: 1, duplicates: 0 });
      expect(await later([said])).toMatchObject({ accepted: 0, duplicates: 1 });
      const payloads = await rows(
        "SELECT type, convert_from(payload, 'UTF8') AS record FROM event ORDER BY number",
      );
      const [first, ...again] = payloads.map(({ type, record }) => [
        type,
        JSON.parse(String(record)) as unknown,
      ]);
      expect(first).toEqual([Reflect.get(said, 'type'), said]);
      const no = { type: 'consent', identifiers, consents: [withdrawn] };
      expect(again).toEqual([
        ['consent', no],
        ['consent', no],
      ]);
      const dated = { ...said, timestamp: receivedAt - 1_000, messageId: undefined };
      await submit([dated]);
      expect(await later([dated])).toMatchObject({ accepted: 0, duplicates: 1 });
      const named = { ...said, messageId: 'm1', isContentId: undefined };
      await submit([named]);
      expect(await later([named])).toMatchObject({ accepted: 0, duplicates: 1 });
    },
  );

  it('and the no of a consent tool’s preferences', async () => {
    const categories = new Map([
      ['Ads', ['ads']],
      ['Mail', ['email_marketing']],
    ]);
    const consent = { categories, authenticatedConsent: false };
    const settings = testSettings({ sources: new Map([['web', testSource('web', { consent })]]) });
    const onCommitted = async (): Promise<void> => {};
    const tool = createIntake({ store, bounds: testBounds, settings, keys: testKeys, onCommitted });
    const preferences = (Ads: boolean): object => ({
      type: 'track',
      event: 'Segment Consent Preference Updated',
      identifiers,
      context: { consent: { categoryPreferences: { Ads, Mail: !Ads } } },
    });
    for (const [after, Ads] of [true, false, true].entries()) {
      const submission = {
        source: web,
        records: [preferences(Ads)],
        receivedAt: receivedAt + after,
      };
      expect(await tool.submit(submission)).toMatchObject({ accepted: 1, duplicates: 0 });
    }
    const [last] = await rows(
      "SELECT convert_from(payload, 'UTF8') AS record FROM event ORDER BY number DESC LIMIT 1",
    );
    expect(JSON.parse(String(last?.['record']))).toMatchObject({
      type: 'consent',
      consents: [{ purpose: 'email_marketing', status: 'denied' }],
    });
  });

  it.each<[string, unknown, string]>([
    ['no record at all', 'hello', 'RECORD_INVALID'],
    ['an unknown type', { type: 'dance', identifiers: [] }, 'RECORD_INVALID'],
    ['a track without event', { ...track('m'), event: undefined }, 'RECORD_INVALID'],
    ['a misspelt field', { ...track('m'), propertys: {} }, 'RECORD_INVALID'],
    ['nobody', track('m', { identifiers: [] }), 'RECORD_NO_IDENTIFIER'],
    ['an erasure of nobody', { type: 'delete', identifiers: [] }, 'RECORD_NO_IDENTIFIER'],
    ['an erasure without identifiers', { type: 'delete' }, 'RECORD_INVALID'],
    [
      'an erasure of a blocked id',
      { type: 'delete', identifiers: [{ namespace: 'user_id', value: 'null' }] },
      'RECORD_NO_IDENTIFIER',
    ],
    [
      'a blocked id',
      track('m', { identifiers: [{ namespace: 'user_id', value: 'null' }] }),
      'RECORD_NO_IDENTIFIER',
    ],
    [
      'an unknown namespace',
      track('m', { identifiers: [{ namespace: 'shoe', value: '1' }] }),
      'RECORD_UNKNOWN_NAMESPACE',
    ],
    [
      'an unknown purpose',
      track('m', { consents: [{ purpose: 'spam', status: 'granted' }] }),
      'RECORD_UNKNOWN_PURPOSE',
    ],
    ['a time that is none', track('m', { timestamp: 'yesterday' }), 'RECORD_TIME_UNREADABLE'],
    ['a NUL character', track('m', { context: { a: 'b\u0000' } }), 'RECORD_UNSTORABLE'],
    ['half a surrogate pair', track('m', { context: { a: '\ud800' } }), 'RECORD_UNSTORABLE'],
    ['a record too large', track('m', { context: { a: 'x'.repeat(40_000) } }), 'RECORD_TOO_LARGE'],
    [
      'too many identifiers',
      track('m', {
        identifiers: Array.from({ length: 5_000 }, (_, i) => ({
          namespace: 'email',
          value: `a${i}@example.com`,
        })),
      }),
      'RECORD_TOO_MANY_IDENTIFIERS',
    ],
    [
      'more identifiers than one record may name',
      track('m', {
        identifiers: Array.from({ length: 21 }, (_, i) => ({
          namespace: 'email',
          value: `a${i}@example.com`,
        })),
      }),
      'RECORD_TOO_MANY_IDENTIFIERS',
    ],
    ['nesting without end', nested(100), 'RECORD_TOO_DEEP'],
    ['nesting beyond what JSON can write', nested(20_000), 'RECORD_TOO_DEEP'],
    ['a circle', circle(), 'RECORD_TOO_DEEP'],
  ])('keeps %s in quarantine with its reason and takes the rest', async (_title, bad, code) => {
    const receipt = await submit([track('good'), bad, track('good2')]);
    expect(receipt).toMatchObject({ accepted: 2, quarantined: [{ index: 1, code }] });
    expect(await rows('SELECT code, state FROM quarantine')).toEqual([{ code, state: 'open' }]);
    expect(await rows('SELECT count(*) AS n FROM event')).toEqual([{ n: 2 }]);
  });

  it('says what is wrong with an erasure of nobody', async () => {
    const { quarantined } = await submit([{ type: 'delete', messageId: 'all', identifiers: [] }]);
    expect(quarantined[0]?.message).toBe(
      'RECORD_NO_IDENTIFIER: record: /identifiers names nobody, expected at least one: a delete erases exactly those that it names. Mend the sender.',
    );
    expect(await rows('SELECT count(*) AS n FROM stop')).toEqual([{ n: 0 }]);
  });

  it('writes a stop for each denial before it answers, and announces it', async () => {
    const denial = track('m1', {
      identifiers: [
        { namespace: 'user_id', value: 'u1' },
        { namespace: 'email', value: 'Ada@Example.com' },
      ],
      consents: [
        { purpose: 'email_marketing', status: 'withdrawn', channel: 'email' },
        { purpose: 'analytics', status: 'granted' },
      ],
    });
    await submit([denial, track('m2', { type: 'delete', event: undefined } as never)]);
    const stops = await rows(
      'SELECT purpose, channel, number FROM stop ORDER BY number, identifier_hash',
    );
    expect(stops).toEqual([
      { purpose: 'email_marketing', channel: 'email', number: 1 },
      { purpose: 'email_marketing', channel: 'email', number: 1 },
      { purpose: '*', channel: '*', number: 2 },
    ]);
    expect(announced.flat()).toHaveLength(3);
  });

  it('announces a denial whose commit was not answered when it comes again', async () => {
    const denial = track('m1', { consents: [{ purpose: 'email_marketing', status: 'denied' }] });
    const lossy: Store = {
      ...store,
      async transaction(lane, work) {
        await store.transaction(lane, work);
        throw new Error('the connection was lost while it committed');
      },
    };
    await expect(
      createWith({}, lossy).submit({ source: web, records: [denial], receivedAt }),
    ).rejects.toThrow('lost');
    expect(announced).toEqual([]);
    expect(await submit([denial])).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(announced.flat()).toMatchObject([{ purpose: 'email_marketing' }]);
  });

  it.each(['a\u0000b', 'x\ud800y'])(
    'refuses %j for a place alone, and nobody beside it',
    async (page) => {
      const others = ['m1', 'm2', 'm3', 'm4'].map((id) => submit([track(id)]));
      const bad = { source: testSource('shop'), records: [], receivedAt, checkpoint: { page } };
      const refused = intake.submit(bad).then(() => 'taken', String);
      const more = submit([track('m5')]);
      expect(await refused).toMatch(/STORE_STATEMENT_FAILED/);
      const receipts = await Promise.all([...others, more]);
      expect(receipts.every(({ accepted }) => accepted === 1)).toBe(true);
      expect(await rows('SELECT number::int FROM event ORDER BY number')).toHaveLength(5);
    },
  );

  it('fails all of a group where the store is away, and asks it no more often', async () => {
    let asked = 0;
    const away = {
      ...store,
      query: () => {
        asked += 1;
        return Promise.reject(new StoreError('STORE_UNAVAILABLE', 'away'));
      },
    };
    intake = createWith({}, away);
    const results = await Promise.allSettled([submit([track('m1')]), submit([track('m2')])]);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(asked).toBe(1);
  });

  it('commits a checkpoint with its records or not at all', async () => {
    await intake.submit({
      source: web,
      records: [track('m1')],
      receivedAt,
      checkpoint: { page: 2 },
    });
    expect(await rows('SELECT value FROM checkpoint')).toEqual([{ value: { page: 2 } }]);
  });

  it('stamps a time that is never later than it was received', async () => {
    const hour = 3_600_000;
    const iso = (offset: number) => new Date(receivedAt + offset).toISOString();
    await submit([
      track('future', { timestamp: iso(hour) }),
      track('past', { timestamp: iso(-hour) }),
      track('clock ahead', { timestamp: iso(hour), sentAt: iso(2 * hour) }),
      track('a retry', { timestamp: iso(-hour), sentAt: iso(-3 * hour), retryCount: 1 }),
      track('network delay', { timestamp: iso(-5_000), sentAt: iso(-4_000) }),
      track('in 1970', { timestamp: 0, sentAt: 0 }),
      track('none'),
    ]);
    const stamped = await rows('SELECT at FROM event ORDER BY number');
    expect(stamped.map((row) => Number(row['at']) - receivedAt)).toEqual([
      0,
      -hour,
      -hour,
      -hour,
      -5_000,
      -receivedAt,
      0,
    ]);
  });

  it('tells sources to wait when too much is waiting, and has then taken nothing', async () => {
    intake = createWith({ maxWaiting: 3 });
    const results = await Promise.allSettled([
      submit([track('a'), track('b')]),
      submit([track('c'), track('d')]),
    ]);
    expect(results[0]?.status).toBe('fulfilled');
    expect(results[1]).toMatchObject({ status: 'rejected' });
    expect(results[1]?.status === 'rejected' && isIntakeBusy(results[1].reason)).toBe(true);
    expect(await submit([track('c'), track('d')])).toMatchObject({ accepted: 2 });
  });

  describe('with a tracking plan', () => {
    const events = new Map([
      ['Order', { required: ['total'], properties: { total: { type: 'number' } } }],
    ]);
    const order = (total: unknown) =>
      track(`m${String(total)}`, { event: 'Order', properties: { total } } as never);

    function planned(mode: 'strict' | 'lenient') {
      const source = testSource('web', { trackingPlan: { mode, events } });
      const settings = testSettings({ sources: new Map([['web', source]]) });
      const violations: string[] = [];
      const planning = createIntake({
        store,
        bounds: testBounds,
        settings,
        keys: testKeys,
        onCommitted: async () => undefined,
        onPlanViolation: (_, problem) => violations.push(problem.code),
      });
      return { source, planning, violations };
    }

    it('strict keeps back what is not as planned', async () => {
      const { source, planning } = planned('strict');
      const records = [order(1), order('x'), track('m9')];
      const receipt = await planning.submit({ source, records, receivedAt });
      expect(receipt.accepted).toBe(1);
      expect(receipt.quarantined.map(({ code }) => code)).toEqual([
        'RECORD_NOT_PLANNED',
        'RECORD_NOT_PLANNED',
      ]);
    });

    it('lenient lets it in and says so', async () => {
      const { source, planning, violations } = planned('lenient');
      const receipt = await planning.submit({ source, records: [order('x')], receivedAt });
      expect(receipt.accepted).toBe(1);
      expect(violations).toEqual(['RECORD_NOT_PLANNED']);
    });
  });
});

function circle(): object {
  const context: Record<string, unknown> = {};
  context['self'] = context;
  return track('m', { context } as never);
}

function nested(depth: number): object {
  let value: object = {};
  for (let level = 0; level < depth; level += 1) value = { value };
  return track('m', { context: value } as never);
}
