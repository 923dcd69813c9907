// What operators filter by, on both stores: dead letters and quarantine by where, what and when.
import { expect, it } from 'vitest';
import { eachStore } from '../../../../test/support/stores.ts';
import { addDeadLetters, countDeadLetters, listDeadLetters } from '../../delivery/dead-letters.ts';
import { listQuarantine, writeQuarantine } from '../../intake/quarantine.ts';

const day = 86_400_000;
const first = Date.UTC(2026, 4, 1);

eachStore('an operator', (open) => {
  it('finds dead letters by instance, stage, kind, code and time, half-open', async () => {
    const store = await open();
    await store.transaction('background', async (transaction) => {
      for (const [instance, stage, place] of [
        ['mail', 'send', 0],
        ['mail', 'map', 1],
        ['ads', 'send', 2],
      ] as const) {
        const letter = { stage, kind: 'audience', code: 'VENDOR_400', message: 'no' } as const;
        await addDeadLetters(transaction, instance, [letter], first + place * day);
      }
      const found = async (
        instance: string | undefined,
        filter: Parameters<typeof listDeadLetters>[2],
      ): Promise<number[]> =>
        (await listDeadLetters(transaction, instance, filter)).map(({ id }) => id);
      expect(await found(undefined, {})).toEqual([1, 2, 3]);
      expect(await found('mail', {})).toEqual([1, 2]);
      expect(await found(undefined, { stage: 'send', kind: 'audience' })).toEqual([1, 3]);
      expect(await found(undefined, { since: first + day, until: first + 2 * day })).toEqual([2]);
      expect(await found(undefined, { code: 'VENDOR_500' })).toEqual([]);
      expect(await countDeadLetters(transaction, 'mail', { until: first + day })).toMatchObject({
        count: 1,
      });
    });
  });

  it('finds quarantined records by id and time', async () => {
    const store = await open();
    await store.transaction('background', async (transaction) => {
      const entry = {
        source: 'shop',
        code: 'X',
        message: '',
        number: null,
        keyId: 0,
        payload: null,
      };
      const times = [first, first + day];
      await writeQuarantine(
        transaction,
        times.map((receivedAt) => ({ ...entry, receivedAt })),
      );
      const since = await listQuarantine(transaction, { since: first + day });
      expect(since.map(({ id }) => id)).toEqual([2]);
      const chosen = await listQuarantine(transaction, { ids: [1, 7], until: first + day });
      expect(chosen.map(({ id }) => id)).toEqual([1]);
    });
  });
});
