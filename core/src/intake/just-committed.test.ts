import { describe, expect, it } from 'vitest';
import { emptyStore, eachStore } from '../../../test/support/stores.ts';
import { createLine } from '../../../test/support/line.ts';
import { dynamicStatement } from '../store/store.ts';
import { createJustCommitted, type NumberedRow } from './just-committed.ts';
import type { LogRow } from './check-record.ts';

function row(number: number, payload: Uint8Array = new Uint8Array(8)): NumberedRow {
  const times = { receivedAt: 0, at: 0 };
  const hashes = { messageHash: `${number}`, seenHash: `${number}` };
  const header = { source: 'web', ...hashes, ...times, historical: false };
  const rest = { type: 'track', subjectHash: null, keyId: 0, stops: [], named: [] };
  return { number, row: { ...header, ...rest, mayReturn: false, payload } satisfies LogRow };
}

function numbersOf(rows: readonly NumberedRow[] | undefined): number[] | undefined {
  return rows?.map(({ number }) => number);
}

describe('what was just committed', () => {
  it('is handed on from a number on, and forgotten up to it', () => {
    const committed = createJustCommitted();
    committed.keep([row(1), row(2), row(3)]);
    expect(numbersOf(committed.takeAfter(0, 2))).toEqual([1, 2]);
    expect(numbersOf(committed.takeAfter(2, 10))).toEqual([3]);
    expect(committed.takeAfter(0, 10)).toBeUndefined();
  });

  it('is left to the log where another process has committed in between', () => {
    const committed = createJustCommitted();
    committed.keep([row(1), row(2)]);
    committed.keep([row(5)]);
    expect(numbersOf(committed.takeAfter(0, 2))).toEqual([1, 2]);
    expect(committed.takeAfter(0, 10)).toBeUndefined();
    expect(committed.takeAfter(2, 10)).toBeUndefined();
    expect(numbersOf(committed.takeAfter(4, 10))).toEqual([5]);
  });

  it('is forgotten when the log begins again', () => {
    const committed = createJustCommitted();
    committed.keep([row(1), row(2)]);
    committed.keep([row(1)]);
    expect(numbersOf(committed.takeAfter(0, 10))).toEqual([1]);
  });

  it('is forgotten where nobody asks for it', () => {
    const committed = createJustCommitted();
    for (let first = 1; first < 11_000; first += 100) {
      committed.keep(Array.from({ length: 100 }, (_, place) => row(first + place)));
    }
    expect(committed.takeAfter(0, 1)).toBeUndefined();
  });

  it('is bounded in rows and in bytes', () => {
    const committed = createJustCommitted();
    committed.keep(Array.from({ length: 6_000 }, (_, place) => row(place + 1)));
    expect(committed.takeAfter(0, 10_000)).toHaveLength(5_000);
    committed.takeAfter(6_000, 1);
    const large = new Uint8Array(8_388_608);
    committed.keep([row(6_001, large), row(6_002, large), row(6_003, large)]);
    expect(numbersOf(committed.takeAfter(6_000, 10))).toEqual([6_001, 6_002]);
    expect(numbersOf(committed.takeAfter(6_002, 10))).toBeUndefined();
  });
});

const users = [1, 2, 3];
const blankPayloads = dynamicStatement('test.blank', `UPDATE event SET payload = 'null'`);
const selectUsers = dynamicStatement('test.users', 'SELECT count(*) AS users FROM profile');

eachStore('a batch that was just committed', (open) => {
  const records = users.map((user) => ({
    type: 'identify',
    identifiers: [{ namespace: 'user_id', value: `u${user}` }],
    traits: { seats: user },
  }));

  it('is resolved without a look into the log, and from the log where it is not at hand', async () => {
    const store = await open();
    await emptyStore(store);
    const line = await createLine(store, { now: Date.UTC(2026, 0, 1) });
    await line.accept('web', records.slice(0, 2));
    // Whoever read these would put them aside.
    await store.query('background', blankPayloads);
    await line.resolve();
    expect(await store.query('background', selectUsers)).toEqual([{ users: 2 }]);

    await line.accept('web', records.slice(2));
    const other = await createLine(store, { now: Date.UTC(2026, 0, 1) });
    await other.resolve();
    expect(await store.query('background', selectUsers)).toEqual([{ users: 3 }]);
  });
});
