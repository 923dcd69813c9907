// States: who belongs on a list gets there, who no longer does is taken out, and every delivery has
// an outcome of its own.
import { beforeEach, expect, test } from 'vitest';
import {
  countsOf,
  destinationSettings,
  joinBuyers,
  keysOnList,
  startHub,
  start,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import {
  scriptedDestination,
  type Fault,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import type { Store } from '../store/store.ts';
import type { DestinationInstanceSettings } from './settings.ts';

eachStore('audience states', (open) => {
  const clean = withCleanStore(open);
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;
  let store: Store;

  const begin = async (change = {}, options = {}): Promise<void> => {
    store = await clean();
    vendor = scriptedDestination(options);
    hub = await startHub(store, { instances: [[destinationSettings('mail', change), vendor]] });
  };
  const keysOn = (list: string): string[] => keysOnList(vendor, list);
  const join = (name: string, emails: readonly string[], traits = {}): Promise<void> =>
    joinBuyers(hub, name, emails, traits);
  const books = (): Promise<Record<string, number>> => countsOf(hub);

  beforeEach(() => begin());

  test('a member with a grant is put on the list with her mapped traits', async () => {
    await join('ada', ['ada@example.com'], { name: 'Ada', secret: 'x' });
    await hub.settle();
    expect(vendor.lists.get('L')).toEqual(new Map([['ada@example.com', { NAME: 'Ada' }]]));
    expect(await books()).toMatchObject({ planned: 1, delivered: 1, pending: 0, inDoubt: 0 });
  });

  test('without a grant nothing is sent and nothing is planned', async () => {
    await hub.people.person('ada', ['ada@example.com']);
    await hub.people.member('buyers', 'ada', start);
    await hub.settle();
    expect(vendor.calls).toEqual([]);
    expect(await books()).toEqual({});
  });

  test('who leaves the audience is taken out, once', async () => {
    await join('ada', ['ada@example.com']);
    await join('bea', ['bea@example.com']);
    await hub.settle();
    await hub.people.leave('buyers', 'ada');
    await hub.settle();
    await hub.settle();
    expect(keysOn('L')).toEqual(['bea@example.com']);
    expect(vendor.calls.filter((call) => call.feature === 'remove')).toHaveLength(1);
  });

  test('a changed trait is sent, an unchanged person is not', async () => {
    await join('ada', ['ada@example.com'], { name: 'Ada' });
    await join('bea', ['bea@example.com'], { name: 'Bea' });
    await hub.settle();
    await hub.people.traits('ada', { name: 'Ada L.' });
    await hub.people.touch(['bea']);
    await hub.settle();
    expect(vendor.calls.map((call) => call.keys.toSorted())).toEqual([
      ['ada@example.com', 'bea@example.com'],
      ['ada@example.com'],
    ]);
    expect(vendor.lists.get('L')?.get('ada@example.com')).toEqual({ NAME: 'Ada L.' });
  });

  test('a change that reverts before it was sent is superseded and never sent', async () => {
    await join('ada', ['ada@example.com']);
    while (await hub.delivery.planOnce('mail'));
    await hub.people.leave('buyers', 'ada');
    await hub.settle();
    expect(vendor.calls).toEqual([]);
    expect(await books()).toMatchObject({ planned: 1, superseded: 1, pending: 0 });
  });

  test('a lost answer leaves nobody behind: who may be there is taken out', async () => {
    await join('ada', ['ada@example.com']);
    vendor.script = () => ({ effect: true, answer: { throws: 'unknown' } });
    while (await hub.delivery.planOnce('mail'));
    await hub.delivery.sendOnce('mail');
    expect(await books()).toMatchObject({ inDoubt: 1 });
    vendor.script = () => undefined;
    await hub.people.leave('buyers', 'ada');
    await hub.settle();
    expect(vendor.calls.map((call) => call.feature)).toEqual(['add', 'remove']);
    expect(keysOn('L')).toEqual([]);
  });

  test('after a crash what was under way is sent again, and nobody is there twice', async () => {
    await join('ada', ['ada@example.com']);
    vendor.script = () => ({ effect: true, answer: 'never' });
    while (await hub.delivery.planOnce('mail'));
    void hub.delivery.sendOnce('mail');
    await expect.poll(() => vendor.calls.length, { timeout: 20_000 }).toBe(1);
    vendor.script = () => undefined;
    hub = await hub.restart();
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
    expect(await books()).toMatchObject({ planned: 1, delivered: 1, inDoubt: 0 });
  });

  test('outcomes go by handle: a missing, a doubled and a nonsensical one are unknown', async () => {
    for (const answer of ['missing', 'doubled', 'nonsense'] as const) {
      await begin();
      await join('ada', ['ada@example.com']);
      vendor.script = () => ({ effect: false, answer });
      while (await hub.delivery.planOnce('mail'));
      await hub.delivery.sendOnce('mail');
      expect(await books()).toMatchObject({ delivered: 0, inDoubt: 1 });
    }
  });

  test('the bad record goes to the dead letters, the good ones are delivered', async () => {
    for (const name of ['ada', 'bea', 'cy', 'dan']) await join(name, [`${name}@example.com`]);
    vendor.script = ({ keys }) =>
      keys.includes('cy@example.com')
        ? { effect: false, answer: { throws: 'rejected' } }
        : undefined;
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com', 'bea@example.com', 'dan@example.com']);
    const letters = await hub.delivery.deadLetters('mail', {});
    expect(letters).toMatchObject([
      { stage: 'send', kind: 'audience', message: 'the vendor says rejected', state: 'open' },
    ]);
    expect(await books()).toMatchObject({ planned: 4, delivered: 3, rejected: 1, pending: 0 });

    vendor.script = () => undefined;
    expect(await hub.delivery.replay('mail', { kind: 'audience' }, 'operator')).toBe(1);
    await hub.settle();
    expect(keysOn('L')).toContain('cy@example.com');
    expect(await books()).toMatchObject({ planned: 5, delivered: 4, rejected: 1, pending: 0 });
  });

  test('a held row is sent again by itself when its data change', async () => {
    await join('ada', ['ada@example.com'], { name: 'A' });
    vendor.script = () => ({ effect: false, answer: 'rejected' });
    await hub.settle();
    await hub.people.touch(['ada']);
    await hub.settle();
    expect(vendor.calls).toHaveLength(1);
    vendor.script = () => undefined;
    await hub.people.traits('ada', { name: 'Ada' });
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
  });

  test('a wrong key pauses the instance and keeps everything', async () => {
    await join('ada', ['ada@example.com']);
    vendor.script = () => ({ effect: false, answer: { throws: 'auth' } });
    await hub.settle();
    const [status] = await hub.delivery.status();
    expect(status).toMatchObject({ state: 'paused', code: 'AUTH_FAILED' });
    expect(await books()).toMatchObject({ planned: 1, pending: 1, inDoubt: 0 });
    vendor.script = () => undefined;
    await hub.delivery.resume('mail', 'operator');
    await hub.clock.advance(60_000);
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
  });

  test('the credentials are asked after by the hub itself', async () => {
    await join('ada', ['ada@example.com']);
    vendor.script = () => ({ effect: false, answer: { throws: 'auth' } });
    await hub.settle();
    vendor.script = () => undefined;
    await hub.clock.advance(299_000);
    await hub.settle();
    expect(vendor.calls).toHaveLength(1);
    await hub.clock.advance(2_000);
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
  });

  const standing = async (): Promise<unknown> => (await hub.delivery.status())[0];

  test('who pauses while the hub asks after the credentials is heeded', async () => {
    await join('ada', ['ada@example.com']);
    vendor.script = () => ({ effect: false, answer: { throws: 'auth' } });
    await hub.settle();
    await hub.clock.advance(301_000);
    vendor.check = () => hub.delivery.pause('mail', 'stop everything', 'operator');
    await hub.delivery.sendOnce('mail');
    expect(await standing()).toMatchObject({ state: 'paused', code: 'PAUSED' });
  });

  test('a refusal that comes after an operator has paused changes nothing', async () => {
    await join('ada', ['ada@example.com']);
    vendor.script = () => ({ effect: false, answer: { throws: 'auth' } });
    vendor.before = () => hub.delivery.pause('mail', 'stop everything', 'operator');
    await hub.settle();
    expect(await standing()).toMatchObject({ state: 'paused', code: 'PAUSED' });
    await hub.clock.advance(301_000);
    await hub.settle();
    expect(await standing()).toMatchObject({ state: 'paused', code: 'PAUSED' });
    expect(vendor.calls).toHaveLength(1);
  });

  test('other credentials are tried at once, and bad ones no oftener than before', async () => {
    await join('ada', ['ada@example.com']);
    vendor.script = () => ({ effect: false, answer: { throws: 'auth' } });
    await hub.settle();
    await hub.clock.advance(1_000);
    vendor.script = () => undefined;
    hub = await hub.restart();
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
  });

  test('a rate limit is waited out and uses up no attempt', async () => {
    await begin({ retry: { ...destinationSettings('x').retry, maxAttempts: 1 } });
    await join('ada', ['ada@example.com']);
    vendor.script = () => ({
      effect: false,
      answer: { throws: 'rate_limited', retryAfterMs: 30_000 },
    });
    await hub.settle();
    await hub.clock.advance(29_000);
    await hub.settle();
    expect(vendor.calls).toHaveLength(1);
    vendor.script = () => undefined;
    await hub.clock.advance(1_001);
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
  });

  test('a destination that is down for a day costs no delivery', async () => {
    await begin({ retry: { ...destinationSettings('x').retry, breakerAfter: 3 } });
    await join('ada', ['ada@example.com']);
    vendor.script = () => ({ effect: false, answer: { throws: 'transient' } });
    for (let hour = 0; hour < 24 * 6; hour += 1) {
      await hub.settle();
      await hub.clock.advance(600_000);
    }
    expect(await hub.delivery.deadLetters('mail', {})).toEqual([]);
    expect(vendor.calls.length).toBeGreaterThan(20);
    vendor.script = () => undefined;
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
  });

  test('an accepted job is asked about, and its end decides', async () => {
    await join('ada', ['ada@example.com']);
    vendor.script = () => ({ effect: true, answer: 'accepted' });
    await hub.settle();
    expect(await books()).toMatchObject({ delivered: 0, pending: 1 });
    await hub.clock.advance(1_000);
    await hub.settle();
    expect(await books()).toMatchObject({ planned: 1, delivered: 1, pending: 0 });
  });

  test('two people with one address: it stays while one of them supports it', async () => {
    await join('ada', []);
    await join('bea', []);
    await hub.people.sharedEmail('family@example.com', ['ada', 'bea']);
    await hub.settle();
    await hub.people.leave('buyers', 'ada');
    await hub.settle();
    expect(keysOn('L')).toEqual(['family@example.com']);
    await hub.people.leave('buyers', 'bea');
    await hub.settle();
    expect(keysOn('L')).toEqual([]);
  });

  test('a denial on the address itself forbids it for everybody who holds it', async () => {
    await join('ada', []);
    await join('bea', []);
    await hub.people.sharedEmail('family@example.com', ['ada', 'bea']);
    await hub.settle();
    await hub.people.consent('family@example.com', 'denied', start);
    await hub.settle();
    expect(keysOn('L')).toEqual([]);
  });

  test('two addresses that the vendor sees as one are one row, there while either supports it', async () => {
    await begin({}, { key: ({ value }: { value: string }) => value.toLowerCase() });
    await join('ada', ['Ada@example.com']);
    await join('bea', ['ada@example.com']);
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
    await hub.people.leave('buyers', 'ada');
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
    await hub.people.leave('buyers', 'bea');
    await hub.settle();
    expect(keysOn('L')).toEqual([]);
  });

  test('a consent that expires takes her out at its moment, without any event', async () => {
    await hub.people.person('ada', ['ada@example.com']);
    await hub.people.consent('u:ada', 'granted', start - 1_000, start + 60_000);
    await hub.people.member('buyers', 'ada', start);
    await hub.settle();
    await hub.clock.advance(59_999);
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
    await hub.clock.advance(1);
    await hub.settle();
    expect(keysOn('L')).toEqual([]);
  });

  test('an erased person is taken out with what was uploaded, and leaves no trace here', async () => {
    await join('ada', ['ada@example.com']);
    await hub.settle();
    await hub.people.erase('ada', ['ada@example.com'], start);
    await hub.settle();
    expect(keysOn('L')).toEqual([]);
    expect(await hub.people.run('SELECT 1 FROM ledger')).toEqual([]);
    expect(await hub.people.run('SELECT 1 FROM key_holder')).toEqual([]);
    expect(await books()).toMatchObject({ planned: 2, delivered: 2 });
  });

  test('where the vendor can forget a person she is forgotten, even if it cannot take her off a list', async () => {
    await begin({}, { append: true, erase: true });
    await join('ada', ['ada@example.com']);
    await join('bea', ['bea@example.com']);
    await hub.settle();
    await hub.people.leave('buyers', 'bea');
    await hub.people.erase('ada', ['ada@example.com'], start);
    await hub.settle();
    expect(keysOn('L')).toEqual(['bea@example.com']);
    expect(vendor.calls.map((call) => call.feature)).toEqual(['add', 'erase']);
    expect(await hub.people.run('SELECT status, reason FROM ledger')).toEqual([
      { status: 'held', reason: 'the vendor cannot remove' },
    ]);
  });

  test('an erasure is sent though a removal before it was not possible', async () => {
    await begin({}, { append: true, erase: true });
    await join('ada', ['ada@example.com']);
    await hub.settle();
    await hub.people.leave('buyers', 'ada');
    await hub.settle();
    await hub.people.erase('ada', ['ada@example.com'], hub.clock.now());
    await hub.settle();
    expect(vendor.calls.map((call) => call.feature)).toEqual(['add', 'erase']);
    expect(keysOn('L')).toEqual([]);
    expect(await hub.people.run('SELECT 1 FROM ledger')).toEqual([]);
    expect(await books()).toMatchObject({ planned: 2, delivered: 2, pending: 0 });
  });

  test.each(['erased', 'withdrawn'])(
    'a removal that was refused is tried anew when she is %s',
    async (how) => {
      await begin({}, { erase: true });
      await join('ada', ['ada@example.com']);
      await hub.settle();
      vendor.script = () => ({ effect: false, answer: { throws: 'rejected' } });
      await hub.people.leave('buyers', 'ada');
      await hub.settle();
      expect(await hub.people.run('SELECT status, cause FROM ledger')).toEqual([
        { status: 'held', cause: 'membership' },
      ]);
      vendor.script = () => undefined;
      if (how === 'erased') {
        await hub.people.erase('ada', ['ada@example.com'], hub.clock.now());
      } else await hub.people.consent('u:ada', 'denied', hub.clock.now());
      await hub.settle();
      const last = how === 'erased' ? 'erase' : 'remove';
      expect(vendor.calls.map((call) => call.feature)).toEqual(['add', 'remove', last]);
      expect(keysOn('L')).toEqual([]);
      expect(await books()).toMatchObject({ planned: 3, delivered: 2, rejected: 1, pending: 0 });
    },
  );

  test('a merge neither removes nor repeats, and the primary address follows the person', async () => {
    await begin({ contactPoints: 'primary' });
    await join('ada', ['ada@example.com']);
    await join('bea', ['bea@example.com']);
    await hub.settle();
    await hub.people.merge('ada', 'bea');
    await hub.settle();
    // One person, one primary address (as old as each other: by value); the other is taken out.
    expect(keysOn('L')).toEqual(['ada@example.com']);
    expect(vendor.calls.map((call) => call.feature)).toEqual(['add', 'remove']);
  });

  test('a list that config no longer names is emptied of what this hub put there', async () => {
    await join('ada', ['ada@example.com']);
    await hub.settle();
    vendor.lists.get('L')?.set('stranger@example.com', {});
    const settings = destinationSettings('mail', {
      audiences: [{ audience: 'buyers', list: 'M', traits: new Map() }],
    });
    hub = await startHub(store, { instances: [[settings, vendor]], clock: hub.clock });
    await hub.settle();
    expect(keysOn('L')).toEqual(['stranger@example.com']);
    expect(keysOn('M')).toEqual(['ada@example.com']);
  });

  test('members are sent again before the vendor forgets them', async () => {
    await begin({}, { refreshAfterMs: 86_400_000 });
    await join('ada', ['ada@example.com']);
    await hub.settle();
    await hub.clock.advance(86_399_999);
    await hub.settle();
    expect(vendor.calls).toHaveLength(1);
    await hub.clock.advance(1);
    await hub.settle();
    expect(vendor.calls).toHaveLength(2);
  });

  test('reconciling puts back who is missing and leaves strangers alone', async () => {
    await join('ada', ['ada@example.com']);
    await join('bea', ['bea@example.com']);
    await hub.settle();
    vendor.lists.get('L')?.delete('ada@example.com');
    vendor.lists.get('L')?.set('stranger@example.com', {});
    await hub.clock.advance(1_000);
    expect(await hub.delivery.reconcile('mail', 'L')).toEqual({
      list: 'L',
      strangers: 1,
      found: 1,
      missing: 1,
    });
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com', 'bea@example.com', 'stranger@example.com']);
  });

  test('after a reset everything is in doubt and sent again', async () => {
    await join('ada', ['ada@example.com']);
    await hub.settle();
    vendor.lists.clear();
    await hub.delivery.reset('mail', 'operator');
    expect(await books()).toMatchObject({ inDoubt: 1 });
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
  });

  test('the profile feature follows a person and takes her back', async () => {
    await begin({
      audiences: [],
      profiles: { audience: undefined, traits: new Map([['first_name', 'name']]) },
    });
    await hub.people.person('ada', ['ada@example.com'], { name: 'Ada' });
    await hub.people.consent('u:ada', 'granted', start - 1_000);
    await hub.settle();
    expect(vendor.profiles.get('ada@example.com')).toEqual({ first_name: 'Ada' });
    await hub.people.consent('u:ada', 'denied', start);
    await hub.settle();
    expect(vendor.profiles.size).toBe(0);
  });

  const vips = (field: string): Partial<DestinationInstanceSettings> => ({
    audiences: [{ audience: 'buyers', list: 'L', traits: new Map([['NAME', 'name']]) }],
    profiles: { audience: 'vips', traits: new Map([[field, 'name']]) },
  });

  test('a field that a list shares with a profile is sent again when the profile is taken back', async () => {
    for (const [field, adds] of [
      ['NAME', 2],
      ['first_name', 1],
    ] as const) {
      await begin(vips(field));
      await join('ada', ['ada@example.com'], { name: 'Ada' });
      await hub.people.member('vips', 'ada', start);
      await hub.settle();
      await hub.people.leave('vips', 'ada');
      await hub.settle();
      expect(vendor.takenBack.get('ada@example.com')).toEqual({ [field]: 'Ada' });
      expect(vendor.calls.filter((call) => call.feature === 'add')).toHaveLength(adds);
    }
  });

  test.each<Fault>([
    { effect: true, answer: 'in_doubt' },
    { effect: true, answer: 'never' },
  ])('a profile is taken back with all that may be there: $answer', async (fault) => {
    await begin({
      audiences: [],
      profiles: { audience: 'vips', traits: new Map(['a', 'b'].map((name) => [name, name])) },
    });
    await hub.people.person('ada', ['ada@example.com'], { a: 1 });
    await hub.people.consent('u:ada', 'granted', start - 1_000);
    await hub.people.member('vips', 'ada', start);
    await hub.settle();
    await hub.people.traits('ada', { b: 2 });
    while (await hub.delivery.planOnce('mail'));
    vendor.script = () => fault;
    const sending = hub.delivery.sendOnce('mail').catch(() => undefined);
    await expect.poll(() => vendor.calls.length, { timeout: 20_000 }).toBe(2);
    if (fault.answer !== 'never') await sending;
    vendor.script = () => undefined;
    await hub.people.leave('vips', 'ada');
    hub = await hub.restart();
    await hub.settle();
    await hub.clock.advance(60_000);
    await hub.settle();
    expect(vendor.takenBack.get('ada@example.com')).toEqual({ a: 1, b: 2 });
    expect(vendor.profiles.size).toBe(0);
  });

  test('a dry run plans, and sends nothing', async () => {
    await begin({ dryRun: true });
    await join('ada', ['ada@example.com']);
    await hub.settle();
    expect(vendor.calls).toEqual([]);
    expect(await books()).toMatchObject({ planned: 1, pending: 1 });
  });
});
