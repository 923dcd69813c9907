// Who is joined with whom, and who is not: the limits, trust, and the cases that others get wrong.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeView } from '../../../test/support/identity-view.ts';
import {
  identitySettings,
  recordOf,
  tightSettings,
  type World,
} from '../../../test/support/identity-world.ts';
import { testNamespace } from '../../../test/support/settings.ts';
import { createPairOrder, type GraphIdentifier, type GraphPair } from './pair-order.ts';
import { partitionComponent, type NeverSame, type Partition } from './partition.ts';
import type { IdentitySettings } from './settings.ts';

const shop = identitySettings([
  testNamespace('user', 0, { limit: 1 }),
  testNamespace('email', 1),
  testNamespace('cookie', 2, { kind: 'device' }),
]);

/** People as lists of names, `cookie` with its owner at each time. */
function peopleOf(world: World, settings: IdentitySettings = shop): string[] {
  const records = world.map((said, place) => recordOf(said, place + 1, settings));
  const groups = Map.groupBy(
    computeView(records, settings).identifiers,
    (line) => line.split(' ')[2],
  );
  groups.delete('');
  return [...groups.values()]
    .map((lines) =>
      lines
        .map((line) => line.split(' ')[0] ?? '')
        .sort()
        .join(' '),
    )
    .sort();
}

function rejectedOf(world: World, settings: IdentitySettings = shop): string[] {
  const records = world.map((said, place) => recordOf(said, place + 1, settings));
  const lines = computeView(records, settings).evidence.map((line) => line.split(' '));
  return lines
    .filter((words) => words.at(-1) !== 'accepted')
    .map((words) => `${words[0]} ${words[1]} ${words.at(-1)}`);
}

describe('people', () => {
  it('P17: two thousand identifiers merge one by one into one profile', () => {
    const wide = identitySettings([testNamespace('user', 0), testNamespace('email', 1)]);
    const world = Array.from({ length: 2_000 }, (_, at) => ({
      names: [`user:${Math.ceil(at / 2)}`, `email:${Math.floor(at / 2)}`],
      at,
    }));
    const [person, ...others] = peopleOf(world, wide);
    expect(others).toEqual([]);
    expect(person?.split(' ')).toHaveLength(2_001);
  });

  it('P17: a changed limit applies to what was there before', () => {
    const world = Array.from({ length: 6 }, (_, at) => ({ names: ['user:1', `email:${at}`], at }));
    const limited = identitySettings([
      testNamespace('user', 0),
      testNamespace('email', 1, { limit: 2 }),
    ]);
    expect(peopleOf(world)).toHaveLength(1);
    expect(peopleOf(world, limited)).toEqual([
      'email:0',
      'email:1',
      'email:2',
      'email:3',
      'email:4 email:5 user:1',
    ]);
  });

  it('P18: fifty-one identifiers of one person are all kept', () => {
    const world = Array.from({ length: 50 }, (_, at) => ({ names: ['user:1', `email:${at}`], at }));
    const [person, ...others] = peopleOf(world);
    expect(others).toEqual([]);
    expect(person?.split(' ')).toHaveLength(51);
  });

  it('P18: two people at one device are not merged, whatever namespaces they use', () => {
    const world = [
      { names: ['user:tom', 'cookie:1'], at: 1 },
      { names: ['email:summer', 'cookie:1'], at: 2 },
    ];
    expect(peopleOf(world)).toEqual(['email:summer', 'user:tom']);
  });

  it('P19: a typed-in address does not take it from the one who logged in with it', () => {
    const world: World = [
      { names: ['user:ada', 'email:ada@x'], at: 1, trust: 1 },
      { names: ['user:eve', 'email:ada@x'], at: 9, trust: 4 },
    ];
    expect(peopleOf(world)).toEqual(['email:ada@x user:ada', 'user:eve']);
    expect(rejectedOf(world)).toEqual(['email:ada@x user:eve limit:user']);
  });

  it('at equal trust the newer claim to an address wins, however late the older arrives', () => {
    const claims: World = [
      { names: ['user:new', 'email:a'], at: 9 },
      { names: ['user:old', 'email:a'], at: 1 },
    ];
    expect(peopleOf(claims)).toEqual(['email:a user:new', 'user:old']);
    expect(peopleOf(claims.toReversed())).toEqual(peopleOf(claims));
  });

  it('P20: people part again, as they were, when the evidence that joined them is gone', () => {
    const apart: World = [
      { names: ['user:1', 'email:a'], at: 1 },
      { names: ['user:2', 'email:b'], at: 1 },
    ];
    const wide = identitySettings([testNamespace('user', 0), testNamespace('email', 1)]);
    const joined: World = [
      ...apart,
      { names: ['email:a', 'email:c'], at: 2 },
      { names: ['email:b', 'email:c'], at: 2 },
    ];
    expect(peopleOf(joined, wide)).toHaveLength(1);
    const parted: World = [...joined, { type: 'delete', names: ['email:c'], at: 3 }];
    expect(peopleOf(parted, wide)).toEqual(peopleOf(apart, wide));
  });

  it('an alias of somebody with herself says nothing', () => {
    expect(peopleOf([{ type: 'alias', names: ['user:1'], previous: 'user:1', at: 1 }])).toEqual([
      'user:1',
    ]);
  });

  it('an alias of a person and a device is a login', () => {
    const world: World = [{ type: 'alias', names: ['user:1'], previous: 'cookie:x', at: 5 }];
    const records = world.map((said) => recordOf(said, 1, shop));
    expect(computeView(records, shop).spans).toEqual(['cookie:x -Infinity Infinity user:1']);
  });

  it('a shared address joins nobody and is held by all who name it', () => {
    const world: World = [
      { names: ['user:1', 'email:info'], at: 1 },
      { names: ['user:2', 'email:info'], at: 2 },
    ];
    expect(peopleOf(world, tightSettings)).toEqual(['user:1', 'user:2']);
    const records = world.map((said, place) => recordOf(said, place + 1, tightSettings));
    expect(computeView(records, tightSettings).contacts).toEqual([
      'email:info user:1 1',
      'email:info user:2 2',
    ]);
  });

  it('a flooded address keeps its strongest pairs and blocks nobody', () => {
    const flood: World = Array.from({ length: 5 }, (_, at) => ({
      names: [`user:${at}`, 'email:a'],
      at,
      trust: 4 as const,
    }));
    const world: World = [...flood, { names: ['user:9', 'email:a'], at: 0, trust: 1 }];
    expect(peopleOf(world, tightSettings)).toContain('email:a user:9');
    expect(
      rejectedOf(world, tightSettings).filter((line) => line.endsWith('fan_out')),
    ).toHaveLength(4);
  });
});

describe('partitionComponent', () => {
  const limits = identitySettings([
    testNamespace('user', 0, { limit: 1 }),
    testNamespace('card', 1, { limit: 2 }),
    testNamespace('email', 2),
  ]);
  const identifiers: GraphIdentifier[] = [
    'user',
    'user',
    'user',
    'card',
    'card',
    'card',
    'email',
    'email',
  ].map((namespace, id) => ({ id, namespace, value: String(id) }));
  const graphs = fc.record({
    pairs: fc.uniqueArray(
      fc.record({
        left: fc.nat({ max: 6 }),
        right: fc.nat({ max: 7 }),
        trust: fc.constantFrom(1 as const, 4 as const),
        probability: fc.constant(1),
        at: fc.nat({ max: 2 }),
      }),
      { selector: (pair) => `${pair.left} ${pair.right}`, maxLength: 12 },
    ),
    never: fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 7 })), { maxLength: 2 }),
  });

  it('joins exactly those that the plainest reading of its rule joins', () => {
    fc.assert(
      fc.property(graphs, ({ pairs, never }) => {
        const valid = pairs.filter(({ left, right }) => left < right);
        const apart = never.filter(([left, right]) => left !== right);
        const { people, rejected } = partitionComponent(identifiers, valid, apart, limits);
        const plain = walkPlainly(identifiers, valid, apart, limits);
        expect(people.map(sorted).sort()).toEqual(plain.people.map(sorted).sort());
        expect(new Set(rejected.keys())).toEqual(plain.rejected);
      }),
      { numRuns: 1_000 },
    );
  });

  it('names what rejected a pair', () => {
    const pair = (left: number, right: number, at: number): GraphPair => ({
      left,
      right,
      at,
      trust: 1,
      probability: 1,
    });
    const pairs = [pair(0, 6, 2), pair(1, 6, 1), pair(0, 3, 2), pair(3, 7, 0)];
    const { rejected } = partitionComponent(identifiers, pairs, [[7, 0]], limits);
    expect([...rejected.values()]).toEqual(['limit:user', 'never_same']);
  });

  it('changes nothing when an accepted pair grows stronger', () => {
    fc.assert(
      fc.property(graphs, fc.nat(), ({ pairs, never }, which) => {
        const valid = pairs.filter(({ left, right }) => left < right);
        const apart = never.filter(([left, right]) => left !== right);
        const before = partitionComponent(identifiers, valid, apart, limits);
        const accepted = valid.filter((pair) => !before.rejected.has(pair));
        const chosen = accepted[which % accepted.length];
        const stronger = valid.map((pair) =>
          pair === chosen ? { ...pair, trust: 0 as const } : pair,
        );
        const after = partitionComponent(identifiers, stronger, apart, limits);
        expect(after.people.map(sorted).sort()).toEqual(before.people.map(sorted).sort());
        expect(reasonsOf(after)).toEqual(reasonsOf(before));
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes a component of 5,000 identifiers without growing with its square', () => {
    const many = Array.from({ length: 5_000 }, (_, id) => ({
      id,
      namespace: id % 5 === 0 ? 'user' : 'email',
      value: String(id),
    }));
    const pairs = many.slice(1).flatMap(({ id }): GraphPair[] => [
      { left: Math.floor(id / 2), right: id, at: id % 97, trust: 1, probability: 1 },
      { left: id - 1, right: id, at: id % 89, trust: 4, probability: 1 },
    ]);
    const started = performance.now();
    const { people } = partitionComponent(many, pairs, [[3, 4]], limits);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(people.length).toBeGreaterThanOrEqual(1_000);
  });
});

const reasonsOf = ({ rejected }: Partition<GraphPair>): string[] =>
  [...rejected].map(([pair, reason]) => `${pair.left} ${pair.right} ${reason}`).sort();

const sorted = (ids: readonly number[]): string =>
  ids.toSorted((left, right) => left - right).join();

/** The rule word by word: sets of ids, a fresh look at the whole union for each pair. */
function walkPlainly(
  identifiers: readonly GraphIdentifier[],
  pairs: readonly GraphPair[],
  never: NeverSame,
  settings: IdentitySettings,
): { people: number[][]; rejected: Set<GraphPair> } {
  let people = identifiers.map(({ id }) => [id]);
  const rejected = new Set<GraphPair>();
  const order = createPairOrder(new Map(identifiers.map((one) => [one.id, one])), settings);
  for (const pair of pairs.toSorted(order)) {
    const union = people.filter((one) => one.includes(pair.left) || one.includes(pair.right));
    const all = union.flat();
    const breaks = [...settings.namespaces.values()].some(
      ({ name, limit }) =>
        all.filter((id) => identifiers[id]?.namespace === name).length > (limit ?? Infinity),
    );
    const apart = never.some(([left, right]) => all.includes(left) && all.includes(right));
    if (breaks || (apart && union.length > 1)) rejected.add(pair);
    else people = [...people.filter((one) => !union.includes(one)), all];
  }
  return { people, rejected };
}
