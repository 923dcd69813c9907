// Whatever the batches, ticks and edits of config: memberships and computed traits are those of a
// full computation at the moment, and reads are exact even before the timer has run.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { audiences, measure } from '../../../test/support/audience-rules.ts';
import {
  audienceConfig,
  clearWorld,
  inputOf,
  origin,
  profileIds,
  takeChange,
  world,
  writeFacts,
  writePeople,
} from '../../../test/support/audience-worlds.ts';
import type { World } from '../../../test/support/audience-worlds.ts';
import { eachStore } from '../../../test/support/stores.ts';
import type { MeasureEvent } from '../profile/measure-value.ts';
import { evaluateMeasure } from '../profile/evaluate-measure.ts';
import { computedTraitValue } from '../profile/measure-result.ts';
import type { Measure } from '../profile/measure.ts';
import { dynamicStatement } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { eventKey } from './affected.ts';
import type { Touch } from './affected.ts';
import { compileAudiences } from './audience-set.ts';
import { createAudienceEngine } from './engine.ts';
import type { AudienceEngine } from './engine.ts';
import { evaluateRule } from './evaluate-rule.ts';
import { computeSlice, createScopes } from './install.ts';
import type { AudiencesSettings, Rule } from './rule.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 25);
const hour = 3_600_000;

type Step = { readonly later: number } & (
  | { readonly kind: 'facts'; readonly share: number; readonly historical: boolean }
  | { readonly kind: 'tick' | 'edit' | 'compute' }
);

type Two<Value> = readonly [Value, Value];

const later = fc.constantFrom(0, 1, 1_000, hour, 12 * hour, 24 * hour);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('facts' as const),
    share: fc.constantFrom(0.2, 0.5, 1),
    historical: fc.boolean(),
    later,
  }),
  fc.record({ kind: fc.constantFrom('tick' as const, 'edit' as const, 'compute' as const), later }),
);

/** The second edition of a config edits some of the audiences. */
const editions = fc
  .tuple(audiences, audiences, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
  .map(([first, other, kept]): Two<AudiencesSettings> => {
    const second = first.map((audience, place) =>
      kept[place] === true ? audience : (other[place] ?? audience),
    );
    return [first, second];
  });

eachStore('audiences stay right', (open) => {
  let opening: Promise<Store> | undefined;

  it('through any order of batches, time and edits', async () => {
    const plan = fc.record({
      made: world,
      configs: editions,
      computed: fc.tuple(measure, measure),
      steps: fc.array(step, { maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ made, configs, computed, steps }) => {
        const store = await (opening ??= open());
        await store.transaction('background', async (transaction) => {
          await clearWorld(transaction);
          await writePeople(transaction, made);
        });
        const hub = createHub(store, made, configs, computed);
        await hub.start();
        for (const taken of steps) await hub.take(taken);
        const { found, expected } = await hub.settle();
        expect(found).toEqual(expected);
      }),
      { numRuns: runs },
    );
  });
});

interface Hub {
  start(): Promise<void>;
  take(step: Step): Promise<void>;
  /** Computes and ticks what is left. @returns memberships and computed traits, as they are and should be. */
  settle(): Promise<{ readonly found: unknown; readonly expected: unknown }>;
}

/** A hub of audiences alone, with the world's facts arriving in it; editions of config alternate. */
function createHub(
  store: Store,
  made: World,
  configs: Two<AudiencesSettings>,
  computed: Two<Measure>,
): Hub {
  const arrived: number[] = [];
  const waiting = [...made.facts.keys()];
  let now = origin - 60 * hour;
  let edition: 0 | 1 = 0;
  const traits = () => new Map([['c', computed[edition]]]);
  const engine = (): AudienceEngine =>
    createAudienceEngine({
      config: audienceConfig(configs[edition], traits()),
      takeChange,
      clock: () => 0,
    });
  /** One profile at a time, so that computations are often found half done. */
  const compute = async (): Promise<boolean> => {
    const traitSettings = [...traits()].map(([name, taken]) => ({ name, measure: taken }));
    const set = compileAudiences(configs[edition], traitSettings);
    return computeSlice(store, set, {
      cause: 'baseline',
      now,
      sliceSize: 1,
      takeChange,
      scopeOf: createScopes(set),
    });
  };
  const members = (rule: Rule): string[] =>
    profileIds(made)
      .filter((id) => evaluateRule(rule, inputOf(made, id, arrived), now, configs[edition]).meets)
      .sort();

  async function arrive(share: number, historical: boolean): Promise<void> {
    const some = waiting.splice(0, Math.ceil(waiting.length * share));
    const touched = profileIds(made).filter((id) => inputOf(made, id, some).events.length > 0);
    arrived.push(...some);
    const touches = new Map(touched.map((id) => [id, touchOf(inputOf(made, id, some).events)]));
    await store.transaction('resolve', async (transaction) => {
      await writeFacts(transaction, made, some);
      await engine().evaluate(transaction, {
        touched: new Set(touched),
        ...(historical ? {} : { touches }),
        vanished: new Set(),
        origins: new Map(),
        now,
        cause: historical ? 'historical' : 'live',
        change: await takeChange(transaction),
      });
    });
  }

  async function checkReads(): Promise<void> {
    await store.transaction('background', async (transaction) => {
      for (const { name, rule } of configs[edition]) {
        const expected = members(rule);
        const found = await engine().membersOf(transaction, name, now, { limit: 100 });
        expect(found.map(({ profileId }) => profileId)).toEqual(expected);
        expect(await engine().sizeOf(transaction, name, now)).toBe(expected.length);
      }
    });
    const [first] = configs[edition];
    if (first === undefined) return;
    const preview = await engine().preview(store, first.rule, now);
    expect(preview).toEqual({
      size: members(first.rule).length,
      profiles: profileIds(made).length,
    });
  }

  async function compareRows(): Promise<{ found: unknown; expected: unknown }> {
    const rows = await store.query<{ row: string }>('background', selectRows);
    const profiles = await store.query<{ id: string; computed: unknown }>(
      'background',
      selectComputed,
    );
    const expectedRows = configs[edition].flatMap(({ name, rule }) =>
      members(rule).map((id) => `${name} ${id}`),
    );
    const expectedComputed = profiles.map(({ id }) => {
      const { value } = evaluateMeasure(computed[edition], inputOf(made, id, arrived).events, now);
      return { id, computed: JSON.parse(JSON.stringify({ c: computedTraitValue(value) })) };
    });
    return {
      found: [rows.map(({ row }) => row).sort(), profiles],
      expected: [expectedRows.sort(), expectedComputed],
    };
  }

  return {
    start: async () => {
      await engine().install(store);
    },
    take: async (step) => {
      now += step.later;
      switch (step.kind) {
        case 'facts':
          await arrive(step.share, step.historical);
          break;
        case 'tick':
          await engine().tick(store, now);
          break;
        case 'edit':
          edition = edition === 0 ? 1 : 0;
          await engine().install(store);
          break;
        case 'compute':
          await compute();
          break;
      }
      await checkReads();
    },
    settle: async () => {
      while (!(await compute())) now += 1_000;
      await engine().tick(store, now);
      await checkReads();
      return compareRows();
    },
  };
}

function touchOf(events: readonly MeasureEvent[]): Touch {
  const keys = events.map(({ type, name }) => eventKey(type, name));
  return { events: new Set(keys), traits: new Set(), identifiers: false };
}

const selectRows = dynamicStatement(
  'test.rows',
  `SELECT audience || ' ' || profile_id AS row FROM membership`,
);
const selectComputed = dynamicStatement('test.computed', 'SELECT id, computed FROM profile');
