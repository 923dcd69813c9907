// Has a plan drifted? What it was made for must be what is there, and what would happen now must not be
// more than it said, within the tolerance that it states. Less is no drift. Pure.
import type { DestinationEffect } from './destination-effect.ts';
import type { ChangePlan, Tolerance } from './plan.ts';
import { otherConfig } from './refused.ts';

/** One sentence per reason; empty: the plan holds. */
export function findDrift(plan: ChangePlan, now: ChangePlan): string[] {
  if (plan.running !== now.running) {
    return [otherConfig];
  }
  if (plan.next !== now.next) {
    return ['The config file, or a secret that it refers to, has changed since the plan was made.'];
  }
  const planned = new Map(plan.effects.map((effect) => [effect.destination, effect]));
  return [
    ...(now.peopleAnew && !plan.peopleAnew
      ? ['People would be made anew from the log, which was not planned.']
      : []),
    ...compareAgeing(plan, now),
    ...now.effects.flatMap((effect) =>
      compareEffects(planned.get(effect.destination), effect, plan.tolerance),
    ),
  ];
}

/** What has gone by age cannot be had back. */
function compareAgeing(plan: ChangePlan, now: ChangePlan): string[] {
  const planned = new Map(plan.ageing?.map((effect) => [effect.rule, effect.removed]));
  return (now.ageing ?? []).flatMap(({ rule, removed }) => {
    const before = planned.get(rule);
    const most = before === undefined ? 0 : before + allowance(before, plan.tolerance);
    if (removed <= most) return [];
    return [`retention ${rule}: ${before ?? 0} were planned to go, it would be ${removed} now.`];
  });
}

function compareEffects(
  planned: DestinationEffect | undefined,
  now: DestinationEffect,
  tolerance: Tolerance,
): string[] {
  const where = `destination ${now.destination}`;
  const more = (what: string, before: number, after: number): string[] =>
    after > before + (planned ? allowance(before, tolerance) : 0)
      ? [`${where}: ${what}: ${before} were planned, it would be ${after} now.`]
      : [];
  const leaving = now.fields.added.filter((field) => !planned?.fields.added.includes(field));
  return [
    ...leaving.map((field) => `${where}: newly leaving, and not planned: ${field}.`),
    ...more('people newly shown', planned?.newlyShown ?? 0, now.newlyShown),
    ...now.lists.flatMap((list) => {
      const before = planned?.lists.find((one) => one.list === list.list);
      const name = list.list === '' ? 'the profiles' : `list ${list.list}`;
      return [
        ...more(`${name}: added`, before?.added ?? 0, list.added),
        ...more(`${name}: removed`, before?.removed ?? 0, list.removed),
        ...(list.guard && !before?.guard
          ? [
              `${where}: ${name}: a guard would stop it, which was not planned (${list.guard.code}).`,
            ]
          : []),
      ];
    }),
  ];
}

/** People keep coming and going between a plan and its apply. */
function allowance(planned: number, { share, people }: Tolerance): number {
  return Math.max(people, Math.ceil(planned * share));
}
