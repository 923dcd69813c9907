// A rule has one meaning: JavaScript and SQL agree on every store, and nothing turns before the
// moment that was announced.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  audiences,
  clearWorld,
  edges,
  inputOf,
  moment,
  profileIds,
  world,
  writeFacts,
  writePeople,
} from '../../../test/support/audience-worlds.ts';
import { eachStore } from '../../../test/support/stores.ts';
import { createSqlParameters } from '../profile/parameters-sql.ts';
import { dynamicStatement } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { evaluateRule } from './evaluate-rule.ts';
import { ruleToSql } from './rule-sql.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 150);

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

it('no rule turns before its announced moment, and clocks may jump to it', () => {
  fc.assert(
    fc.property(world, audiences, moment, (made, rules, now) => {
      const later = edges(made).filter((edge) => edge > now);
      for (const id of profileIds(made)) {
        const input = inputOf(made, id);
        for (const { rule } of rules) {
          const { meets, nextChangeAt } = evaluateRule(rule, input, now, rules);
          expect(nextChangeAt).toBeGreaterThan(now);
          for (const edge of later) {
            if (edge >= nextChangeAt) break;
            if (evaluateRule(rule, input, edge, rules).meets !== meets) {
              throw new Error(`turned at ${edge}, announced for ${nextChangeAt}`);
            }
          }
        }
      }
    }),
    { numRuns: Math.ceil(runs / 5) },
  );
});
