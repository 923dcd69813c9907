// What a vendor says may hold anything: half an emoji, NUL, pages of it. An outcome is written down
// all the same, and the instance goes on.
import { PluginError, type Outcome } from '@tributary/sdk';
import { beforeEach, expect, test } from 'vitest';
import {
  destinationSettings,
  joinBuyers,
  keysOnList,
  start,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import { eventOf } from '../../../test/support/events.ts';
import {
  scriptedDestination,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';

const odd = ['\0', '\ud83d', 'x'.repeat(300_000)];
const rule = { action: 'mail', audience: 'buyers', parameters: {}, traits: new Map() };
const settings = destinationSettings('mail', {
  events: { types: ['track'], names: undefined },
  actions: [{ ...rule, coolDownMs: 86_400_000 }],
});

eachStore('odd words of a vendor', (open) => {
  const clean = withCleanStore(open);
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;

  beforeEach(async () => {
    vendor = scriptedDestination();
    hub = await startHub(await clean(), { instances: [[settings, vendor]] });
    await hub.settle();
    await hub.clock.advance(1_000);
  });
  const happen = async (): Promise<void> => {
    await hub.people.person('ada', ['ada@example.com']);
    await hub.people.consent('u:ada', 'granted', start - 1_000);
    await hub.people.member('buyers', 'ada', hub.clock.now());
    hub.events.push(eventOf('ada', 1));
  };
  const answerWith = (outcome: Outcome): void => {
    vendor.script = () => ({ effect: false, answer: { each: () => outcome } });
  };

  test.each(odd)('the reason of a refusal (%#) is kept as far as it can be', async (words) => {
    answerWith({ kind: 'rejected', reason: `no: ${words}`, vendorCode: words });
    await happen();
    await hub.settle();
    const letters = await hub.delivery.deadLetters('mail', {});
    expect(letters.map(({ kind }) => kind).toSorted()).toEqual(['action', 'audience', 'event']);
    for (const { message, code } of letters) {
      expect(message).toMatch(/^no: (\ufffd|x+)$/);
      expect(message.length).toBeLessThan(2_000);
      expect(code).toMatch(/^VENDOR_(\ufffd|x+)$/);
    }
  });

  test.each(odd)('nor does a call that fails with them (%#) stop anything', async (words) => {
    const failing = async (): Promise<never> => {
      throw new PluginError('transient', `down: ${words}`);
    };
    vendor.before = failing;
    await happen();
    await hub.settle();
    vendor.before = undefined;
    await hub.clock.advance(3_600_000);
    await hub.settle();
    expect(keysOnList(vendor, 'L')).toEqual(['ada@example.com']);
    expect(vendor.mails).toHaveLength(1);
    expect(vendor.events).toHaveLength(1);
  });

  test.each(odd)('an id that cannot be kept (%#) is no id', async (vendorId) => {
    answerWith({ kind: 'delivered', vendorId });
    await happen();
    await hub.settle();
    expect(await hub.people.run('SELECT presence, vendor_id FROM ledger')).toEqual([
      { presence: 'confirmed', vendor_id: null },
    ]);
  });

  test.each(odd)('a job of such a name (%#) is in doubt', async (job) => {
    answerWith({ kind: 'accepted', job });
    await happen();
    while (await hub.delivery.planOnce('mail'));
    while (await hub.delivery.sendOnce('mail'));
    expect(await hub.people.run('SELECT presence, status FROM ledger')).toEqual([
      { presence: 'in_doubt', status: 'due' },
    ]);
    for (const table of ['action', 'forward']) {
      expect(await hub.people.run(`SELECT status FROM ${table}`)).toEqual([{ status: 'in_doubt' }]);
    }
  });
});

eachStore('odd words of a plugin’s key', (open) => {
  const clean = withCleanStore(open);

  test.each(odd)('(%#) cost nobody else', async (words) => {
    const keyOf = (value: string): string => {
      if (value.startsWith('bea')) throw new Error(words);
      return value.startsWith('cy') ? words : value;
    };
    const vendor = scriptedDestination({ key: ({ value }) => keyOf(value) });
    const hub = await startHub(await clean(), { instances: [[settings, vendor]] });
    for (const name of ['ada', 'bea', 'cy']) await joinBuyers(hub, name, [`${name}@example.com`]);
    await hub.settle();
    expect(keysOnList(vendor, 'L')).toEqual(['ada@example.com']);
    expect(await hub.delivery.deadLetters('mail', { stage: 'map' })).toHaveLength(2);
  });
});
