// A plan for people: what comes, what goes, who is shown to whom, grouped and aligned.
import type { ChangePlan } from '../change/plan.ts';
import type { NameChanges } from '../change/compare-configs.ts';
import type { DestinationEffect } from '../change/destination-effect.ts';
import { renderTable } from './hub/table.ts';
import type { Paint } from './terminal.ts';

export function printPlan(plan: ChangePlan, paint: Paint): string {
  const groups = [
    [`${paint('bold', `Plan ${plan.id}`)}, made ${plan.madeAt}`],
    names(plan, paint),
    plan.peopleAnew === undefined ? [] : peopleAnew(plan.peopleAnew, paint),
    plan.moves.length === 0 ? [] : moves(plan),
    ageing(plan, paint),
    ...plan.effects.map((effect) => destination(effect, paint)),
    plan.restart.length === 0 ? [] : [paint('red', restart(plan.restart))],
  ];
  return groups
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

const signs = { added: ['+', 'green'], changed: ['~', 'yellow'], removed: ['-', 'red'] } as const;

function names(plan: ChangePlan, paint: Paint): string[] {
  const { sources, destinations, audiences, computed, rules } = plan;
  const rows = Object.entries({ sources, destinations, audiences, computed }).flatMap(
    ([title, changes]) => {
      const found = nameList(changes, paint);
      return found === '' ? [] : [`${title.padEnd(14)}${found}`];
    },
  );
  return rules.length === 0 ? rows : [...rows, `${'rules'.padEnd(14)}~ ${rules.join('  ~ ')}`];
}

function nameList(changes: NameChanges, paint: Paint): string {
  const kinds = ['added', 'changed', 'removed'] as const;
  return kinds
    .flatMap((kind) => {
      const [sign, colour] = signs[kind];
      return changes[kind].map((name) => paint(colour, `${sign} ${name}`));
    })
    .join('  ');
}

function moves({ moves: found }: ChangePlan): readonly string[] {
  const rows = found.map(({ audience, before, after, entering, leaving }) => ({
    audience,
    before,
    after,
    entering: signed('+', entering),
    leaving: signed('-', leaving),
  }));
  return renderTable(['audience', 'before', 'after', 'entering', 'leaving'], rows);
}

function ageing({ ageing: found = [] }: ChangePlan, paint: Paint): readonly string[] {
  return found.map(({ rule, removed }) =>
    paint(
      'red',
      `${removed.toLocaleString('en-US')} of ${rule} go for good: older than they are kept then.`,
    ),
  );
}

function destination(effect: DestinationEffect, paint: Paint): string[] {
  const { lists, newlyShown, fields, leftBehind } = effect;
  const rows = lists.map(({ list, audiences, present, added, updated, removed, calls }) => ({
    list: list === '' ? '(profiles)' : list,
    from: audiences.join(', '),
    there: present,
    added: signed('+', added),
    updated: signed('~', updated),
    removed: signed('-', removed),
    calls: signed('', calls),
  }));
  const columns = ['list', 'from', 'there', 'added', 'updated', 'removed', 'calls'];
  const told = [
    ...(newlyShown > 0 ? [['newly shown', paint('yellow', addresses(newlyShown))] as const] : []),
    ...fields.added.map((field) => ['newly leaving', paint('yellow', field)] as const),
    ...fields.removed.map((field) => ['leaving no more', field] as const),
    ...consents(effect),
    ...calls(effect),
    ...lists.flatMap(({ guard }) =>
      guard ? [['a guard stops it', paint('red', `${guard.code}: ${guard.message}`)] as const] : [],
    ),
    ...(leftBehind === undefined || leftBehind === 0
      ? []
      : [
          ['left behind', paint('red', `${addresses(leftBehind)}; nobody takes them out`)] as const,
        ]),
  ];
  return [
    paint('bold', effect.destination),
    ...(rows.length === 0 ? [] : renderTable(columns, rows).map((line) => `  ${line}`)),
    ...told.map(([title, words]) => `  ${title.padEnd(18)}${words}`),
  ];
}

type Told = readonly (readonly [string, string])[];

function consents({ members, unreachable, withheld, purposes }: DestinationEffect): Told {
  if (members === 0) return [];
  return [
    ...(unreachable > 0
      ? [['without address', `${unreachable} of ${people(members)}`] as const]
      : []),
    ...(withheld > 0 ? [['withheld', `${withheld} of ${people(members)}`] as const] : []),
    ...purposes.map(
      ({ purpose, lacking }) => ['purpose', `${purpose}, which ${lacking} of them lack`] as const,
    ),
  ];
}

function calls({ calls: count, seconds }: DestinationEffect): Told {
  if (count === 0) return [];
  const time = seconds === undefined ? '' : `, at least ${duration(seconds)}`;
  return [['calls', `at least ${count}${time}`]];
}

function peopleAnew(fold: NonNullable<ChangePlan['peopleAnew']>, paint: Paint): string[] {
  const events = fold.events.toLocaleString('en-US');
  return [
    paint(
      'yellow',
      `People are made anew from the log: ${events} events, about ${duration(fold.seconds)}.`,
    ),
    'Records are taken meanwhile and deliveries wait. The numbers below are of people as they are now.',
  ];
}

function restart(keys: readonly string[]): string {
  return `A running hub cannot take this up: ${keys.join(', ')} need${keys.length === 1 ? 's' : ''} a restart.`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3_600)} h`;
}

function addresses(count: number): string {
  return `${count} ${count === 1 ? 'address' : 'addresses'}`;
}

function people(count: number): string {
  return `${count} ${count === 1 ? 'person' : 'people'}`;
}

/** Nothing for nothing, so that an empty column is left out. */
function signed(sign: string, count: number): string {
  return count === 0 ? '' : `${sign}${count}`;
}
