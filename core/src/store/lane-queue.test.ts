// Whose turn it is: by lane, but nobody waits for ever.
import { expect, it } from 'vitest';
import { createLaneQueue, patienceMs } from './lane-queue.ts';
import type { Lane } from './store.ts';

it('lets in between who has waited for long, while intake and resolve keep each other busy', async () => {
  let now = 0;
  const queue = createLaneQueue({ capacity: 1, reserved: 0, clock: () => now });
  const order: Lane[] = [];
  const work = async (lane: Lane): Promise<void> =>
    queue.run(lane, async () => {
      order.push(lane);
      now += patienceMs / 4;
      await Promise.resolve();
    });
  let busy = true;
  const keepBusy = async (lane: Lane): Promise<void> => {
    // The next piece waits before the one before it has ended.
    let last = work(lane);
    while (busy) {
      const next = work(lane);
      await last;
      last = next;
    }
    await last;
  };
  const flood = [keepBusy('intake'), keepBusy('resolve')];
  const patient = Array.from({ length: 4 }, () => work('background'));
  await Promise.all(patient);
  busy = false;
  await Promise.all(flood);
  await queue.close();

  const places = order.flatMap((lane, place) => (lane === 'background' ? [place] : []));
  expect(places[0]).toBeGreaterThanOrEqual(4);
  // One at a time: intake is never kept from more than every other turn.
  for (const place of places) expect(order[place + 1]).not.toBe('background');
});
