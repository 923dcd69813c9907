// A device may have said its traits any number of times: they are read in pages, and fold to the same.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { createLine, type Line } from '../../../test/support/line.ts';
import { testSettings } from '../../../test/support/settings.ts';
import { eachStore, emptyStore } from '../../../test/support/stores.ts';
import type { Queryable, Store } from '../store/store.ts';
import { readState } from './fold-traits.ts';
import { loadStates } from './refresh-profiles.ts';
import { traitSettingsOf } from './trait-settings.ts';

const start = Date.parse('2026-03-01T12:00:00.000Z');
const bare = testSettings().profile;
const score = { ...traitSettingsOf(bare, 'score'), merge: 'max' } as const;
const profile = { ...bare, traits: new Map([['score', score]]) };
const user = (value: string) => ({ namespace: 'user_id', value });
const device = (value: string) => ({ namespace: 'anonymous_id', value });

eachStore('traits that were set on devices', (open) => {
  let store: Store;
  let line: Line;

  beforeAll(async () => {
    store = await open();
  });
  beforeEach(async () => {
    await emptyStore(store);
    line = await createLine(store, { now: start, settings: { profile } });
  });

  const login = (who: string, on: string, at: number): object => ({
    type: 'track',
    event: 'Login',
    messageId: `${who} ${on} ${at}`,
    identifiers: [user(who), device(on)],
    timestamp: at,
  });
  const identify = (on: string, at: number, traits: object): object => ({
    type: 'identify',
    messageId: `${on} ${at}`,
    identifiers: [device(on)],
    timestamp: at,
    traits,
  });
  const send = async (records: readonly object[]): Promise<void> => {
    for (let from = 0; from < records.length; from += 500) {
      await line.accept('web', records.slice(from, from + 500));
    }
    await line.resolve();
  };

  /** Each profile's traits, and the rows of the largest answer. */
  async function read(): Promise<{ traits: object[]; largest: number }> {
    return store.transaction('background', async (transaction) => {
      const rows = await transaction.query<{ id: string }>({
        name: 'test.ids',
        text: 'SELECT id FROM profile',
      });
      let largest = 0;
      const watched: Queryable = {
        async query(statement, parameters) {
          const answer = await transaction.query<never>(statement, parameters);
          largest = Math.max(largest, answer.length);
          return answer;
        },
      };
      const ids = rows.map(({ id }) => id);
      const states = await loadStates(watched, ids, profile);
      const traits = ids.map((id) => {
        const read = [...readState(states.get(id) ?? {}, profile)];
        return Object.fromEntries(read.map(([name, { value }]) => [name, value]));
      });
      return { traits, largest };
    });
  }

  it('are read in pages where they are many', async () => {
    const times = Array.from({ length: 1_300 }, (_, place) => start - 1_000_000 + place * 100);
    await send([
      login('ada', 'phone', start - 2_000_000),
      ...times.map((at, place) => identify('phone', at, { score: (place * 7) % 1_300, last: at })),
      login('joan', 'tablet', start - 2_000_000),
      identify('tablet', start - 500, { score: 5, last: start - 500 }),
    ]);
    const { traits, largest } = await read();
    expect(traits).toHaveLength(2);
    expect(traits).toEqual(
      expect.arrayContaining([
        { score: 1_299, last: times.at(-1) },
        { score: 5, last: start - 500 },
      ]),
    );
    expect(largest).toBeLessThanOrEqual(500);
  });

  it('are read of all spans, and of none that is somebody else’s', async () => {
    // The phone changes hands every ten seconds, and says one trait while it is ada's, the other while it is joan's.
    const turns = Array.from({ length: 130 }, (_, place) => start - 2_000_000 + place * 10_000);
    await send(
      turns.flatMap((at, place) => [
        login(place % 2 === 0 ? 'ada' : 'joan', 'phone', at),
        ...[0, 1, 2].map((more) =>
          identify('phone', at + 1_000 * more, {
            [place % 2 === 0 ? 'a' : 'j']: place,
            score: more,
          }),
        ),
      ]),
    );
    const { traits, largest } = await read();
    expect(traits).toHaveLength(2);
    expect(traits).toEqual(
      expect.arrayContaining([
        { a: 128, score: 2 },
        { j: 129, score: 2 },
      ]),
    );
    expect(largest).toBeLessThanOrEqual(500);
  });
});
