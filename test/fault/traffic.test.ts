// People speak until they are heard; a harness that has seen enough must be able to end all the same.
import { expect, test } from 'vitest';
import { createRandom } from '../support/random.ts';
import { startFeed } from './feed.ts';
import { createJournal } from './journal.ts';
import { createTraffic } from './traffic.ts';
import { startWire } from './wire.ts';

test('whoever speaks to a hub that is gone for good gives up when told to', async () => {
  const journal = createJournal();
  const random = createRandom(1);
  const feed = await startFeed(journal);
  // It leads nowhere: no hub runs.
  const wire = await startWire(journal, random);
  const traffic = createTraffic({
    url: wire.url,
    feed,
    random,
    now: Date.now,
    mostPeople: 3,
    faithful: false,
  });
  try {
    traffic.start();
    const paused = traffic.pause().then(() => 'heard');
    const later = new Promise((resolve) => setTimeout(resolve, 500, 'not heard'));
    await expect(Promise.race([paused, later])).resolves.toBe('not heard');
    await traffic.giveUp();
    await expect(paused).resolves.toBe('heard');
    expect(journal.said.size).toBe(0);
  } finally {
    await traffic.close();
    await wire.close();
    await feed.close();
  }
});
