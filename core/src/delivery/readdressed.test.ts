// Who may be reached elsewhere than before, or by another consent, is planned anew, though her identifiers,
// traits and audiences stayed what they were.
import { expect, test } from 'vitest';
import {
  destinationSettings,
  keysOnList,
  purpose,
  start,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import { createLine, type Line } from '../../../test/support/line.ts';
import {
  scriptedDestination,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import type { AudienceSettings } from '../audience/rule.ts';
import type { DestinationInstanceSettings } from './settings.ts';

const rule = { kind: 'trait', path: ['plan'], comparison: { kind: 'is', value: 'pro' } } as const;
const buyers: AudienceSettings = { name: 'buyers', title: 'Bought', rule };
const user = { namespace: 'user_id', value: 'ada' };
const bought = { type: 'identify', traits: { plan: 'pro' }, identifiers: [user] };
const deviceOf = (value: string) => ({ namespace: 'anonymous_id', value });
const device = deviceOf('phone');
const email = (name: string) => ({ namespace: 'email', value: `${name}@example.com` });
const shared = { namespace: 'email', value: 'info@shop.example' };
const overAnHour = 3_700_000;

interface World {
  readonly vendor: ScriptedDestination;
  readonly hub: DeliveryHub;
  readonly line: Line;
  /** Each said so many milliseconds before the start; then everything is resolved and delivered. */
  say(...records: readonly (readonly [before: number, record: object])[]): Promise<string[]>;
}

eachStore('who can be reached elsewhere', (open) => {
  const clean = withCleanStore(open);

  async function begin(
    change: Partial<DestinationInstanceSettings> = {},
    namespace = 'email',
  ): Promise<World> {
    const store = await clean();
    const scripted = scriptedDestination();
    const vendor = { ...scripted, plugin: { ...scripted.plugin, identifiers: [namespace] } };
    const hub = await startHub(store, {
      instances: [[destinationSettings('mail', change), vendor]],
    });
    const line = await createLine(store, { now: start, audiences: [buyers] });
    let said = 0;
    return {
      vendor,
      hub,
      line,
      async say(...records) {
        const sent = records.map(([before, record]) => ({
          timestamp: start - before,
          messageId: `m${(said += 1)}`,
          ...record,
        }));
        await line.accept('web', sent);
        await line.resolve();
        await hub.settle();
        return keysOnList(vendor, 'L');
      },
    };
  }

  const identify = (...identifiers: object[]) => ({ type: 'identify', traits: {}, identifiers });
  const track = (event: string, ...identifiers: object[]) => ({
    type: 'track',
    event,
    identifiers,
  });
  const grant = (...identifiers: object[]) => ({
    type: 'consent',
    identifiers,
    consents: [{ purpose, status: 'granted' }],
  });
  const inferred = { trust: 'inferred', probability: 0.9 };

  test('goes from one address to the other where a late record makes it the latest', async () => {
    const { say } = await begin({ contactPoints: 'primary' });
    const before = await say(
      [5_000, grant(user)],
      [5_000, bought],
      [3_000, identify(user, email('old'))],
      [2_000, identify(user, email('new'))],
    );
    expect(before).toEqual(['new@example.com']);
    expect(await say([4_000, identify(user, email('new'))])).toEqual(['old@example.com']);
  });

  test('goes from one device to the other likewise', async () => {
    const { say } = await begin({ contactPoints: 'primary' }, device.namespace);
    const before = await say(
      [5_000, grant(user)],
      [5_000, bought],
      [3_000, identify(user, deviceOf('old'))],
      [2_000, identify(user, deviceOf('new'))],
    );
    expect(before).toEqual(['new']);
    expect(await say([4_000, track('Seen', deviceOf('new'))])).toEqual(['old']);
  });

  test('is put there once she names an address that many share', async () => {
    const { say } = await begin();
    expect(await say([5_000, grant(user)], [5_000, bought])).toEqual([]);
    expect(await say([4_000, track('Seen', user, shared)])).toEqual([shared.value]);
  });

  test('is put there once her device names it', async () => {
    const { say } = await begin();
    const before = await say(
      [5_000, grant(user)],
      [5_000, bought],
      [5_000, identify(user, device)],
    );
    expect(before).toEqual([]);
    expect(await say([4_000, track('Seen', device, shared)])).toEqual([shared.value]);
  });

  test('is planned anew by an address that many share only where it reaches her otherwise', async () => {
    const { say, hub } = await begin();
    const changes = () => hub.people.run('SELECT id, changed FROM profile ORDER BY id');
    const bob = { namespace: 'user_id', value: 'bob' };
    await say(
      [9_000, grant(user)],
      [9_000, bought],
      [9_000, identify(user, device)],
      [9_000, identify(bob, email('bob'))],
      [8_000, track('Seen', user, shared)],
      [8_000, track('Seen', device, shared)],
      [8_000, track('Seen', bob, shared)],
    );
    const before = await changes();
    await say([7_000, track('Seen', user, shared)], [8_500, track('Seen', bob, shared)]);
    await say([7_000, track('Seen', device, shared)]);
    expect(await changes()).toEqual(before);
    // Bob has another address, and which of the two was named last counts.
    await say([6_000, track('Seen', bob, shared)]);
    expect(await changes()).not.toEqual(before);
  });

  test('goes from her own address to one that many share where that is named again', async () => {
    const { say } = await begin({ contactPoints: 'primary' });
    const before = await say(
      [9_000, grant(user)],
      [9_000, bought],
      [5_000, track('Seen', user, shared)],
      [4_000, identify(user, email('ada'))],
    );
    expect(before).toEqual(['ada@example.com']);
    expect(await say([3_000, track('Seen', user, shared)])).toEqual([shared.value]);
  });

  test('is put there once a device that named it in other hands names it in hers', async () => {
    const { say } = await begin();
    const bob = { namespace: 'user_id', value: 'bob' };
    const before = await say(
      [9_000, grant(user)],
      [9_000, bought],
      [9_000, identify(bob, device)],
      [8_000, track('Seen', device, shared)],
      [7_000, identify(user, device)],
    );
    expect(before).toEqual([]);
    expect(await say([6_000, track('Seen', device, shared)])).toEqual([shared.value]);
  });

  test('is put there once what was inferred of her is confirmed', async () => {
    const { say } = await begin();
    const before = await say(
      [5_000, grant(user)],
      [5_000, bought],
      [4_000, { ...identify(user, email('ada')), ...inferred }],
    );
    expect(before).toEqual([]);
    expect(await say([3_000, identify(user, email('ada'))])).toEqual(['ada@example.com']);
  });

  test('is taken out once no more than an inference is left', async () => {
    const { say, line } = await begin();
    const before = await say(
      [5_000, grant(user)],
      [5_000, bought],
      [4_000, identify(user, email('ada'))],
      [3_000, { ...identify(user, email('ada')), ...inferred }],
    );
    expect(before).toEqual(['ada@example.com']);
    const identifiers = [user, email('ada')] as const;
    const retraction = { decision: 'retract', identifiers, upTo: start - 3_500 } as const;
    const record = { type: 'decision', messageId: 'd', actor: 'key:test', ...retraction } as const;
    await line.intake.decide(record, start);
    expect(await say([1_000, track('Seen', user)])).toEqual([]);
  });

  test('is found by the sweep, her other address too, where nothing told of it', async () => {
    const { vendor, hub } = await begin({ contactPoints: 'primary' });
    await hub.people.person('ada', ['a@example.com', 'b@example.com']);
    await hub.people.consent('u:ada', 'granted', start - 1_000);
    await hub.people.member('buyers', 'ada', start - 1_000);
    await hub.settle();
    expect(keysOnList(vendor, 'L')).toEqual(['a@example.com']);
    await hub.people.run(`UPDATE identifier SET first_at = '2024-02-01' WHERE value LIKE 'b@%'`);
    await hub.clock.advance(overAnHour);
    await hub.settle();
    expect(keysOnList(vendor, 'L')).toEqual(['b@example.com']);
  });

  test('stays in the audience of an action, which the sweep does not end for her', async () => {
    const mail = { action: 'mail', audience: 'buyers', parameters: {}, traits: new Map() };
    const actions = [{ ...mail, coolDownMs: 1_000 }];
    const { vendor, hub } = await begin({ contactPoints: 'primary', audiences: [], actions });
    await hub.settle();
    await hub.clock.advance(1_000);
    await hub.people.person('ada', ['a@example.com', 'b@example.com']);
    await hub.people.consent('u:ada', 'granted', start - 1_000);
    await hub.people.member('buyers', 'ada', start + 1_000);
    await hub.settle();
    await hub.people.run(`UPDATE identifier SET first_at = '2024-02-01' WHERE value LIKE 'b@%'`);
    await hub.clock.advance(overAnHour);
    await hub.settle();
    const episodes = await hub.people.run(
      'SELECT i.value FROM episode e JOIN identifier i ON i.id = e.identifier_id',
    );
    expect(episodes).toEqual([{ value: 'b@example.com' }]);
    expect(vendor.mails.map(({ key }) => key)).toEqual(['a@example.com']);
  });
});
