// A stranger's code makes the vendor's key of an address: where it fails, that address is told and kept,
// and costs nobody else.
import { expect, test } from 'vitest';
import {
  destinationSettings,
  joinBuyers,
  startHub,
  start,
} from '../../../test/support/delivery-hub.ts';
import { scriptedDestination } from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';

eachStore('an address without a vendor key', (open) => {
  const clean = withCleanStore(open);

  test('is noted again by a replay where the key still cannot be made, once', async () => {
    const vendor = scriptedDestination({
      key() {
        throw new Error('no key at all');
      },
    });
    const hub = await startHub(await clean(), {
      instances: [[destinationSettings('mail'), vendor]],
    });
    await joinBuyers(hub, 'ada', ['ada@example.com']);
    await hub.settle();
    const progress: [number, number][] = [];
    const note = (done: number, all: number): void => {
      progress.push([done, all]);
      if (progress.length > 10) throw new Error('the replay does not end');
    };
    expect(await hub.delivery.replay('mail', {}, 'operator', note)).toBe(1);
    expect(progress.at(-1)).toEqual([1, 1]);
    expect(await hub.delivery.deadLetters('mail', {})).toMatchObject([
      { state: 'replayed' },
      { state: 'open', code: 'KEY_FAILED' },
    ]);
  });

  test('is a dead letter of the mapping, and goes out once the key can be made', async () => {
    let isMended = false;
    const vendor = scriptedDestination({
      key({ value }) {
        if (value.startsWith('bea') && !isMended) throw new Error('no key for this one');
        return value;
      },
    });
    const hub = await startHub(await clean(), {
      instances: [[destinationSettings('mail'), vendor]],
    });
    for (const name of ['ada', 'bea']) {
      await hub.people.person(name, [`${name}@example.com`]);
      await hub.people.consent(`u:${name}`, 'granted', start - 1_000);
      await hub.people.member('buyers', name, start - 1_000);
    }
    await hub.settle();
    expect([...(vendor.lists.get('L')?.keys() ?? [])]).toEqual(['ada@example.com']);
    expect(await hub.delivery.deadLetters('mail', {})).toMatchObject([
      { stage: 'map', code: 'KEY_FAILED', message: "the plugin's key: no key for this one" },
    ]);

    isMended = true;
    expect(await hub.delivery.replay('mail', { stage: 'map' }, 'operator')).toBe(1);
    await hub.settle();
    expect([...(vendor.lists.get('L')?.keys() ?? [])].sort()).toEqual([
      'ada@example.com',
      'bea@example.com',
    ]);
  });
});
