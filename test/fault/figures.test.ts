// What a run says of itself: troubles that were made, pushes that were pushes, and a rebuild that is held
// to what people did and not to how much of it.
import { expect, test } from 'vitest';
import { createLine } from '../support/line.ts';
import { eachStore } from '../support/stores.ts';
import { dynamicStatement } from '../../core/src/store/store.ts';
import { checkRebuilt, pushesToSink } from './check.ts';
import { countTroubles, troubleNote } from './count-troubles.ts';
import { readState } from './read-store.ts';
import type { Received } from './sink.ts';

test('troubles are counted as they were made', () => {
  const notes = ['passed clock', troubleNote('clock'), troubleNote('meddled'), 'killed meddled'];
  expect(countTroubles([...notes, troubleNote('meddled')])).toEqual({ clock: 1, meddled: 2 });
});

test('whoever is taken off or erased is not pushed', () => {
  const received = ['audience.entered', 'audience.left', 'profile.erased', 'track'].map(
    (type): Received => ({
      id: type,
      type,
      key: 'a',
      list: undefined,
      messageId: undefined,
      at: 0,
    }),
  );
  expect(pushesToSink(received).map(({ type }) => type)).toEqual(['audience.entered', 'track']);
});

eachStore('a rebuild', (open) => {
  test.each(["name = 'Page Left'", `properties = '{"page":"/b"}'`, "at = at + interval '1 s'"])(
    'is complained of where a fact has another content: %s',
    async (change) => {
      const store = await open();
      const line = await createLine(store, { now: 1_000 });
      await line.accept('web', [
        {
          type: 'track',
          event: 'Page Seen',
          messageId: 'm1',
          identifiers: [{ namespace: 'user_id', value: 'u1' }],
          properties: { page: '/a' },
        },
      ]);
      await line.resolve();
      const before = { state: await readState(store) };
      expect(checkRebuilt(before, { state: await readState(store) })).toEqual([]);
      await store.query('background', dynamicStatement('test.change', `UPDATE fact SET ${change}`));
      expect(checkRebuilt(before, { state: await readState(store) })).toEqual([
        expect.stringMatching(/^rebuilt facts differ: 1 gone, 1 new/),
      ]);
    },
  );
});
