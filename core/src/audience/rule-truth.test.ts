// A rule has one meaning: JavaScript and SQL agree on every store, and nothing turns before the
// moment that was announced.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { audiences, measure, moment } from '../../../test/support/audience-rules.ts';
import {
  clearWorld,
  edges,
  inputOf,
  profileIds,
  world,
  writeFacts,
  writePeople,
} from '../../../test/support/audience-worlds.ts';
import { eachStore } from '../../../test/support/stores.ts';
import { evaluateMeasure } from '../profile/evaluate-measure.ts';
import { createSqlParameters } from '../profile/parameters-sql.ts';
import { dynamicStatement } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { evaluateRule } from './evaluate-rule.ts';
import { ruleToSql } from './rule-sql.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 60);

eachStore('a rule means the same', (open) => {
  let opening: Promise<Store> | undefined;

  it('in JavaScript and in SQL', async () => {
    await fc.assert(
      fc.asyncProperty(world, audiences, moment, async (made, rules, now) => {
        const store = await (opening ??= open());
        await store.transaction('background', async (transaction) => {
          await clearWorld(transaction);
          await writePeople(transaction, made);
          await writeFacts(transaction, made);
        });
        const parameters = createSqlParameters();
        const columns = rules.map(
          ({ name, rule }) => `${ruleToSql(rule, { now, parameters }, rules)} AS ${name}`,
        );
        const found = await store.query<Record<string, unknown>>(
          'background',
          dynamicStatement(
            'test.rules',
            `SELECT p.id, ${columns.join(', ')} FROM profile p ORDER BY id`,
          ),
          parameters.values,
        );
        const expected = profileIds(made).map((id) => ({
          id,
          ...Object.fromEntries(
            rules.map(({ name, rule }) => [
              name,
              evaluateRule(rule, inputOf(made, id), now, rules).meets,
            ]),
          ),
        }));
        expect(found).toEqual(expected.sort((left, right) => (left.id < right.id ? -1 : 1)));
      }),
      { numRuns: runs },
    );
  });
});

it('no measure changes before its announced moment', () => {
  fc.assert(
    fc.property(
      world,
      fc.array(measure, { minLength: 5, maxLength: 10 }),
      moment,
      (made, measures, now) => {
        const turns = edges(made).filter((edge) => edge > now);
        for (const id of profileIds(made)) {
          const { events } = inputOf(made, id);
          for (const taken of measures) {
            const { value, nextChangeAt } = evaluateMeasure(taken, events, now);
            const early = some(turns, nextChangeAt).find(
              (edge) => !isDeepStrictEqual(evaluateMeasure(taken, events, edge).value, value),
            );
            expect(early, `announced for ${nextChangeAt}`).toBeUndefined();
          }
        }
      },
    ),
    { numRuns: runs },
  );
});

it('no rule turns before its announced moment, and clocks may jump to it', () => {
  fc.assert(
    fc.property(world, audiences, moment, (made, rules, now) => {
      const turns = edges(made).filter((edge) => edge > now);
      for (const id of profileIds(made)) {
        const input = inputOf(made, id);
        for (const { rule } of rules) {
          const { meets, nextChangeAt } = evaluateRule(rule, input, now, rules);
          expect(nextChangeAt).toBeGreaterThan(now);
          const early = some(turns, nextChangeAt).find(
            (edge) => evaluateRule(rule, input, edge, rules).meets !== meets,
          );
          expect(early, `announced for ${nextChangeAt}`).toBeUndefined();
        }
      }
    }),
    { numRuns: runs },
  );
});

/** Of these, some before `next`; the last ones are the likeliest to show a mistake. */
function some(turns: readonly number[], next: number): number[] {
  const between = turns.filter((edge) => edge < next);
  const stride = Math.ceil(between.length / 30);
  return between.filter((_, place) => place % stride === 0 || place > between.length - 5);
}
