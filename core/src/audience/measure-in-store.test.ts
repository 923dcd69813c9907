// Measures that the database takes, for profiles with too many events to load, are those that
// JavaScript takes: value and next change alike.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { measure, moment } from '../../../test/support/audience-rules.ts';
import {
  clearWorld,
  inputOf,
  profileIds,
  world,
  writeFacts,
  writePeople,
} from '../../../test/support/audience-worlds.ts';
import { eachStore } from '../../../test/support/stores.ts';
import { evaluateMeasure } from '../profile/evaluate-measure.ts';
import type { MeasureResult } from '../profile/measure-value.ts';
import type { Store } from '../store/store.ts';
import { measureInStore } from './measure-in-store.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 60);

eachStore('a measure is the same', (open) => {
  let opening: Promise<Store> | undefined;

  it('taken by the database and in memory', async () => {
    const measures = fc.array(measure, { minLength: 1, maxLength: 18 });
    await fc.assert(
      fc.asyncProperty(world, measures, moment, async (made, wanted, now) => {
        const store = await (opening ??= open());
        const ids = profileIds(made);
        const found = await store.transaction('background', async (transaction) => {
          await clearWorld(transaction);
          await writePeople(transaction, made);
          await writeFacts(transaction, made);
          return measureInStore(transaction, wanted, [...wanted.keys()], ids, now);
        });
        for (const id of ids) {
          const { events } = inputOf(made, id);
          expect(found.get(id)?.map(plain)).toEqual(
            wanted.map((one) => plain(evaluateMeasure(one, events, now))),
          );
        }
      }),
      { numRuns: runs },
    );
  });
});

/** Decimals by their exact digits. */
function plain({ value, nextChangeAt }: MeasureResult): unknown {
  const digits = (decimal: { toString(): string }): string => decimal.toString();
  switch (value?.kind) {
    case undefined:
      return [nextChangeAt];
    case 'number':
      return [nextChangeAt, 'number', digits(value.value)];
    case 'average':
      return [nextChangeAt, 'average', digits(value.sum), value.count];
    case 'time':
      return [nextChangeAt, 'time', value.at];
    case 'json':
      return [nextChangeAt, 'json', JSON.stringify(value.value)];
  }
}
