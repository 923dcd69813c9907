// One slow or failing destination never delays another.
import { expect, test } from 'vitest';
import { destinationSettings, start, startHub } from '../../../test/support/delivery-hub.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { scriptedDestination } from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';

/** The machine may be busy; what is waited for comes by itself. */
const patient = { timeout: 20_000 };

eachStore('isolation', (open) => {
  const clean = withCleanStore(open);

  test('a destination that never answers holds nobody up, and is cut off at its time', async () => {
    const slow = scriptedDestination();
    const quick = scriptedDestination();
    slow.script = () => ({ effect: false, answer: 'never' });
    const clock = createManualClock(start);
    const hub = await startHub(await clean(), {
      clock,
      instances: [
        [destinationSettings('slow'), slow],
        [destinationSettings('quick'), quick],
      ],
    });
    await hub.people.person('ada', ['ada@example.com']);
    await hub.people.consent('u:ada', 'granted', start - 1_000);
    await hub.people.member('buyers', 'ada', start);
    await hub.delivery.start();
    await expect.poll(() => slow.calls.length, patient).toBe(1);
    await expect.poll(() => quick.lists.get('L')?.size, patient).toBe(1);
    await hub.people.leave('buyers', 'ada');
    hub.delivery.wake();
    await expect.poll(() => quick.lists.get('L')?.size, patient).toBe(0);
    expect(slow.calls).toHaveLength(1);

    slow.script = () => undefined;
    await clock.advance(30_000);
    // What it carried is unknown, so she is taken out of where she may be.
    await expect
      .poll(async () => {
        hub.delivery.wake();
        await clock.advance(1_000);
        return slow.calls.map((call) => call.feature);
      }, patient)
      .toEqual(['add', 'remove']);
    await hub.delivery.stop();
  });
});
