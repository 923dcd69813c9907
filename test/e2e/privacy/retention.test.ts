// Data that grows old, seen from outside: a plan says what will go before it goes; who is left out of an
// audience by it is taken out at the vendor; who was not heard of is forgotten everywhere, but for her no.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChangePlan } from '../../../core/src/change/plan.ts';
import { verifyAudit } from '../../../core/src/audit/verify.ts';
import { readerOf } from '../../../core/src/store/reader.ts';
import { dynamicStatement, type Store } from '../../../core/src/store/store.ts';
import { eachStore } from '../../support/stores.ts';
import { waitUntil } from '../../support/wait-until.ts';
import {
  ada,
  arrives,
  bob,
  findTraces,
  say,
  send,
  startTown,
  tracesOf,
  type Town,
} from './town.ts';

const slow = { timeout: 120_000 };
const longAgo = new Date(Date.now() - 40 * 86_400_000).toISOString();
const selectAged = dynamicStatement(
  'test.aged',
  `SELECT entry::jsonb -> 'details' ->> 'rule' AS rule FROM audit
   WHERE entry::jsonb ->> 'kind' = 'data.aged'`,
);

interface Rule {
  readonly rule: string;
  readonly done: boolean;
  readonly removed: number;
}

eachStore('data that grows old', (open) => {
  let store: Store;
  let town: Town;
  let next = '';

  beforeAll(async () => {
    store = await open();
    town = await startTown(store);
  }, 120_000);
  afterAll(async () => {
    await town.close();
  }, 60_000);

  /** The hub's config with other words at a place. */
  const change = (edit: (config: ConfigText) => void): void => {
    const config = JSON.parse(next === '' ? town.config : next) as ConfigText;
    edit(config);
    next = JSON.stringify(config);
    town.hub.configure(next);
  };
  const rules = async (): Promise<readonly Rule[]> => {
    const { items } = (await town.hub.call('GET', '/retention')) as { items: readonly Rule[] };
    return items;
  };
  const areDone = (count: number): Promise<void> =>
    waitUntil(
      async () => {
        const found = await rules();
        return found.length === count && found.every(({ done }) => done);
      },
      { what: 'every rule to be carried out', withinMs: 60_000, describe: rules },
    );
  const listIs = (...emails: string[]): Promise<void> =>
    waitUntil(() => town.fake.members('Readers').toSorted().join() === emails.toSorted().join(), {
      what: `the list to be ${emails.join()}`,
      withinMs: 60_000,
      describe: () => town.fake.lists(),
    });

  test('begins with somebody of long ago', slow, async () => {
    const old = [
      ...arrives(ada),
      say(ada, { type: 'consent', consents: [{ purpose: 'analytics', status: 'denied' }] }),
    ];
    await send(
      town,
      old.map((message) => ({ ...message, timestamp: longAgo })),
    );
    await send(town, arrives(bob));
    await listIs(ada.email, bob.email);
    expect(await rules()).toEqual([]);
  });

  test('is told of by a plan, and drifts where more would go', slow, async () => {
    change(({ sources }) => (sources['web'] = { ...sources['web'], retention: '30d' }));
    const plan = (await town.hub.call('POST', '/plan')) as ChangePlan;
    expect(plan.ageing).toEqual([{ rule: 'source:web', removed: 4 }]);
    const more = Array.from({ length: 12 }, () => say(ada, { type: 'track', event: 'Looked' }));
    await send(
      town,
      more.map((message) => ({ ...message, timestamp: longAgo })),
    );
    await waitUntil(async () => (await findTraces(store, ['Looked'])).includes('fact.name'), {
      what: 'what she did to be known',
    });
    await expect(town.hub.call('POST', '/apply', { plan })).rejects.toThrow(
      'source:web: 4 were planned to go, it would be 16 now',
    );
  });

  test('takes out at the vendor who falls out of an audience', slow, async () => {
    const plan = (await town.hub.call('POST', '/plan')) as ChangePlan;
    await town.hub.call('POST', '/apply', { plan });
    await areDone(1);
    await listIs(bob.email);
    await waitUntil(async () => !(await findTraces(store, [ada.name])).includes('ledger.sent'), {
      what: 'the removal to be settled',
    });
    expect(await rules()).toMatchObject([{ rule: 'source:web', removed: 16 }]);
    // She is known and what she allowed is; what she did and said of herself is not.
    expect(await findTraces(store, [ada.name])).toEqual([
      'consent_entry.evidence',
      'event.payload',
    ]);
    expect(await findTraces(store, [ada.phone])).toContain('identifier.value');
  });

  test('forgets who was not heard of, at the vendors too, but for her no', slow, async () => {
    change(({ hub }) => (hub['privacy'] = { retention: { people: '30d' } }));
    const plan = (await town.hub.call('POST', '/plan')) as ChangePlan;
    expect(plan.ageing).toEqual([{ rule: 'people', removed: 1 }]);
    await town.hub.call('POST', '/apply', { plan });
    await areDone(2);
    expect(await rules()).toContainEqual(expect.objectContaining({ rule: 'people', removed: 1 }));
    await waitUntil(() => town.fake.erased().includes(ada.email), {
      what: 'the vendor to erase her',
      withinMs: 60_000,
    });
    await waitUntil(async () => (await findTraces(store, [ada.name, ada.phone])).length === 0, {
      what: 'the log to be gone through',
      withinMs: 60_000,
      describe: () => findTraces(store, [ada.name, ada.phone]),
    });
    const profile = (await town.hub.call('POST', '/profiles/lookup', {
      namespace: 'user_id',
      value: ada.userId,
    })) as { profileId: string };
    const known = JSON.stringify(
      await town.hub.call('GET', `/profiles/${profile.profileId}/identifiers`),
    );
    expect(known).toContain(ada.userId);
    expect(known).not.toContain(ada.email);
    const consents = await town.hub.call('GET', `/profiles/${profile.profileId}/consents`);
    expect(JSON.stringify(consents)).toMatch(/"purpose":"analytics"[^}]*"status":"denied"/);
    expect(await findTraces(store, tracesOf(bob))).toContain('profile.traits');
  });

  test('does not forget what is left a second time', slow, async () => {
    change(({ hub }) => (hub['privacy'] = { retention: { people: '29d' } }));
    const plan = (await town.hub.call('POST', '/plan')) as ChangePlan;
    await town.hub.call('POST', '/apply', { plan });
    await areDone(2);
    expect(await rules()).toContainEqual(expect.objectContaining({ rule: 'people', removed: 1 }));
  });

  test('knows her again where anybody speaks of her, and her no holds', slow, async () => {
    const { email } = ada;
    await send(
      town,
      [
        { ...say(ada, { type: 'track', event: 'Stale' }), timestamp: longAgo },
        say(ada, { type: 'identify', traits: { first_name: ada.name } }),
        say(bob, { type: 'track', event: 'Marker' }),
      ],
      'crm',
    );
    await waitUntil(async () => (await findTraces(store, ['Marker'])).includes('fact.name'), {
      what: 'the marker to be resolved',
    });
    expect(await findTraces(store, ['Stale', email])).toEqual([]);
    const { profileId } = (await town.hub.call('POST', '/profiles/lookup', {
      namespace: 'user_id',
      value: ada.userId,
    })) as { profileId: string };
    const profile = await town.hub.call('GET', `/profiles/${profileId}`);
    expect(profile).toMatchObject({ traits: { first_name: { value: ada.name } } });
    const consents = await town.hub.call('GET', `/profiles/${profileId}/consents`);
    expect(JSON.stringify(consents)).toContain('"denied"');
  });

  test('is in the audit log, which verifies', slow, async () => {
    const aged = await readerOf(store).query<{ rule: string }>(selectAged);
    expect(aged.map(({ rule }) => rule)).toEqual(['source:web', 'people']);
    expect(await verifyAudit(store)).toMatchObject({ intact: true });
  });
});

interface ConfigText {
  readonly hub: Record<string, unknown>;
  readonly sources: Record<string, object>;
}
