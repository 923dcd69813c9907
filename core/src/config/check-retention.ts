// Periods that contradict each other or themselves, and windows that look further back than data is kept.
import { parseDuration } from '@tributary/sdk';
import type { AudienceSettings, Rule } from '../audience/rule.ts';
import type { Measure, Window } from '../profile/measure.ts';
import type { ParsedRules } from './parse-rules.ts';
import type { Issue, Path } from './problem.ts';
import { each, select, selectTexts } from './select.ts';
import { valueAt } from './validate.ts';

const dayMs = 86_400_000;

export function checkRetention(root: unknown, rules: ParsedRules): Issue[] {
  return [
    ...checkPeriods(root),
    ...checkPeople(root),
    ...checkTraits(root),
    ...checkWindows(root, rules),
  ];
}

/** Data ages by whole days. */
function checkPeriods(root: unknown): Issue[] {
  return [
    ...selectTexts(root, ['sources', each, 'retention']),
    ...selectTexts(root, ['purposes', each, 'retention']),
    ...selectTexts(root, ['hub', 'privacy', 'retention', each]),
  ].flatMap(({ path, value }): Issue[] => {
    const keepMs = parseDuration(value);
    if (keepMs === undefined || keepMs >= dayMs) return [];
    return [
      {
        code: 'CONFIG_VALUE_INVALID',
        path,
        message: `found ${value}, expected at least 1d: data ages by whole days`,
        hint: 'Name a longer period, or leave `retention` out and do not take the data in.',
      },
    ];
  });
}

function checkPeople(root: unknown): Issue[] {
  const base = ['hub', 'privacy', 'retention'];
  const people = periodAt(root, [...base, 'people']);
  const path = [...base, 'peopleWithoutPurpose'];
  const sooner = periodAt(root, path);
  if (people === undefined || sooner === undefined || sooner <= people) return [];
  return [
    {
      code: 'CONFIG_VALUE_INVALID',
      path,
      message: 'found a longer period than `people`, expected one that is at most as long',
      hint: 'Everybody is forgotten after `people`, whatever she has granted.',
    },
  ];
}

function checkTraits(root: unknown): Issue[] {
  return select(root, ['purposes', each]).flatMap(({ path, value }): Issue[] => {
    const traits = valueAt(value, ['traits']);
    const names = Array.isArray(traits) && traits.length > 0;
    if (!names || valueAt(value, ['retention']) !== undefined) return [];
    return [
      {
        code: 'CONFIG_KEY_MISSING',
        path,
        at: 'key',
        message: 'found `traits` without `retention`, expected how long they are held',
        hint: 'Add `retention`, or take `traits` out.',
      },
    ];
  });
}

function checkWindows(root: unknown, rules: ParsedRules): Issue[] {
  const kept = keptBySources(root);
  const longest = Math.max(...kept.values());
  const shortest = Math.min(...kept.values());
  if (shortest === Infinity) return [];
  const [source = ''] = [...kept].find(([, keepMs]) => keepMs === shortest) ?? [];
  return lookingBack(rules).flatMap(({ path, furthestMs }): Issue[] => {
    if (furthestMs <= shortest) return [];
    const looks = `found a window of ${days(furthestMs)}`;
    if (furthestMs > longest) {
      return [
        {
          code: 'CONFIG_VALUE_INVALID',
          path,
          at: 'key',
          message: `${looks}, expected at most ${days(longest)}: no source keeps its events for longer`,
          hint: 'Shorten the window, or raise the `retention` of the sources whose events it counts.',
        },
      ];
    }
    return [
      {
        code: 'CONFIG_VALUE_INVALID',
        severity: 'warning',
        path,
        at: 'key',
        message: `${looks}, but source ${source} keeps its events for ${days(shortest)}: older ones do not count`,
        hint: 'Shorten the window, or raise that source’s `retention`, where the rule counts its events.',
      },
    ];
  });
}

/** Infinity: for good. */
function keptBySources(root: unknown): Map<string, number> {
  return new Map(
    select(root, ['sources', each])
      .filter(({ value }) => valueAt(value, ['enabled']) !== false)
      .map(({ path }) => [String(path[1]), periodAt(root, [...path, 'retention']) ?? Infinity]),
  );
}

interface LookingBack {
  readonly path: Path;
  readonly furthestMs: number;
}

function lookingBack({ computed, audiences }: ParsedRules): LookingBack[] {
  return [
    ...[...computed].map(([name, measure]) => ({
      path: ['computed', name],
      furthestMs: furthest([measure]),
    })),
    ...audiences.map(({ name, rule }: AudienceSettings) => ({
      path: ['audiences', name, 'rule'],
      furthestMs: furthest(measuresOf(rule)),
    })),
  ];
}

/** Of those with an end: what counts all of the past counts what is kept of it. */
function furthest(measures: readonly Measure[]): number {
  return Math.max(0, ...measures.map(({ window }) => backMs(window)));
}

const unitMs = { day: dayMs, week: 7 * dayMs, month: 31 * dayMs, year: 366 * dayMs } as const;

function backMs(window: Window): number {
  switch (window.kind) {
    case 'ever':
      return 0;
    case 'sliding':
      return window.fromMs;
    case 'calendar':
      return unitMs[window.unit];
  }
}

function measuresOf(rule: Rule): readonly Measure[] {
  switch (rule.kind) {
    case 'all':
    case 'any':
      return rule.rules.flatMap(measuresOf);
    case 'not':
      return measuresOf(rule.rule);
    case 'measure':
      return [rule.measure];
    case 'trait':
    case 'audience':
    case 'identifier':
      return [];
  }
}

function periodAt(root: unknown, path: Path): number | undefined {
  const text = valueAt(root, path);
  return typeof text === 'string' ? parseDuration(text) : undefined;
}

function days(milliseconds: number): string {
  const count = Math.ceil(milliseconds / dayMs);
  return count === 1 ? '1 day' : `${count} days`;
}
