// The functions that a destination may have beside what delivers.
import { isDeepStrictEqual } from 'node:util';
import type { ContractCheck } from './contract-check.ts';
import type { ListExample } from './destination-cases.ts';
import { healthyCheck, optionalChecks, type OptionalFunction } from './optional-checks.ts';
import { playDestinationFunction, type DestinationStage } from './play-destination.ts';
import { requireThat, show, violate } from './violation.ts';

export function destinationOptionalChecks(stage: DestinationStage): ContractCheck[] {
  const { unauthorised } = stage.cases.vendor;
  return [
    ...listExamples(stage),
    ...functionsOf(stage).flatMap((probe) =>
      optionalChecks({ ...probe, ...(unauthorised && { unauthorised }) }),
    ),
  ];
}

function listExamples(stage: DestinationStage): ContractCheck[] {
  if (!stage.plugin.audiences?.list) return [];
  return (stage.cases.lists ?? []).map((example) => ({
    ...healthyCheck(listOf(stage, example)),
    name: `example: ${example.title}`,
  }));
}

function functionsOf(stage: DestinationStage): OptionalFunction[] {
  const { plugin, cases } = stage;
  const list = cases.lists?.find(({ out }) => out.members.length > 0);
  return [
    ...(plugin.check ? [checkOf(stage)] : []),
    ...(plugin.setup ? [setupOf(stage)] : []),
    ...(plugin.audiences?.list && list ? [listOf(stage, list)] : []),
  ];
}

function checkOf(stage: DestinationStage): OptionalFunction {
  return {
    name: 'check',
    play: async (options) =>
      playDestinationFunction(stage, options, async (call) => stage.plugin.check?.(call)),
    judge: () => undefined,
    mustAsk: true,
  };
}

/** Twice, since it is run again after every change of config: the second time everything is there. */
function setupOf(stage: DestinationStage): OptionalFunction {
  const lists = listsIn(stage);
  return {
    name: 'setup',
    play: async (options) =>
      playDestinationFunction(stage, options, async (call, become) => {
        const first = await stage.plugin.setup?.({ ...call, lists });
        become({ kind: 'again' });
        return [first, await stage.plugin.setup?.({ ...call, lists })];
      }),
    judge(answers) {
      for (const answer of Array.isArray(answers) ? answers : []) {
        const created: unknown = fieldOf(answer, 'created');
        const isRight = Array.isArray(created) && created.every((one) => typeof one === 'string');
        requireThat(isRight, `it returned ${show(answer)}, expected { created: ['list vip', …] }`);
      }
    },
    mustAsk: false,
  };
}

function listsIn({ cases }: DestinationStage): string[] {
  const named = cases.examples.flatMap(({ in: input }) => ('list' in input ? [input.list] : []));
  return [...new Set(named)];
}

/** A list of more pages than this does not end. */
const mostPages = 1_000;

function listOf(stage: DestinationStage, { in: { list }, out }: ListExample): OptionalFunction {
  return {
    name: 'audiences.list',
    play: async (options) =>
      playDestinationFunction(stage, options, async (call) => {
        const members: unknown[] = [];
        let pages = 0;
        for await (const page of stage.plugin.audiences?.list?.({ ...call, list }) ?? []) {
          members.push(...page);
          pages += 1;
          if (pages > mostPages) throw new Error(`the list has not ended after ${mostPages} pages`);
        }
        return members;
      }),
    judge: (members) => requireMembers(members, out.members),
    mustAsk: true,
  };
}

/** In any order; a page may tell of somebody again. */
function requireMembers(found: unknown, expected: ListExample['out']['members']): void {
  const keysFound = keysOf(Array.isArray(found) ? found : []);
  const keysExpected = keysOf(expected);
  requireThat(
    isDeepStrictEqual(keysFound, keysExpected),
    () => `the keys on the list are ${show(keysFound)}, expected ${show(keysExpected)}`,
  );
  for (const { key, vendorId } of expected) {
    if (vendorId === undefined) continue;
    const member = (Array.isArray(found) ? found : []).find((one) => fieldOf(one, 'key') === key);
    const given = fieldOf(member, 'vendorId');
    requireThat(
      given === vendorId,
      `the vendor's id of ${show(key)} is ${show(given)}, expected ${show(vendorId)}`,
    );
  }
}

function keysOf(members: readonly unknown[]): string[] {
  const keys = members.map((member) => {
    const key = fieldOf(member, 'key');
    return typeof key === 'string' ? key : violate(`a member has no key: ${show(member)}`);
  });
  return [...new Set(keys)].toSorted();
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
