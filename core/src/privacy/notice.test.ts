// How far the log is gone through for an erasure.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { privacyOver } from '../../../test/property/purge.ts';
import { createLine } from '../../../test/support/line.ts';
import { emptyStore, eachStore } from '../../../test/support/stores.ts';
import { dynamicStatement, type Store } from '../store/store.ts';

const ada = [{ namespace: 'email', value: 'ada@shop.example' }];
const now = Date.parse('2026-03-01T12:00:00.000Z');

eachStore('an erasure', (open) => {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });
  beforeEach(() => emptyStore(store));

  const logHolds = async (words: string): Promise<unknown> => {
    const [row] = await store.query(
      'background',
      dynamicStatement(
        'test.log_holds',
        `SELECT count(*)::int AS events FROM event
         WHERE position(convert_to('${words}', 'UTF8') IN payload) > 0`,
      ),
    );
    return row?.['events'];
  };

  it('takes out what was accepted behind it and happened before it, once that is resolved', async () => {
    const line = await createLine(store, { now });
    const privacy = privacyOver(store, line);
    await line.accept('web', [{ type: 'delete', messageId: 'erase', identifiers: ada }]);
    await line.resolve();
    await line.accept('web', [
      {
        type: 'identify',
        messageId: 'stale',
        timestamp: now - 60_000,
        identifiers: ada,
        traits: { first_name: 'Ada-to-forget' },
      },
    ]);
    while (await privacy.step());
    expect(await logHolds('Ada-to-forget')).toBe(1);
    await line.resolve();
    while (await privacy.step());
    expect(await logHolds('Ada-to-forget')).toBe(0);
    expect(await privacy.list({ limit: 10 })).toMatchObject([{ state: 'done', scanned: 2 }]);
  });
});
