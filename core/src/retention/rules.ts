// The rules of a config by which data ages, and from when on each counts no more. Pure: what is kept is a
// function of what was taken in, of config and of the day.
import type { HubConfig } from '../config/hub-config.ts';

export type RuleKind =
  'source' | 'purpose' | 'people' | 'people_without_purpose' | 'quarantine' | 'dead_letters';

export interface RetentionRule {
  /** `source:<id>`, `purpose:<name>`, else its kind. */
  readonly name: string;
  readonly kind: RuleKind;
  readonly keepMs: number;
  /** What it covers, but for the time. */
  readonly print: string;
}

export type RetentionConfig = Pick<HubConfig, 'sources' | 'consent' | 'privacy'>;

export function retentionRules({ sources, consent, privacy }: RetentionConfig): RetentionRule[] {
  const { retention } = privacy;
  return [
    ...[...sources.values()].flatMap(({ id, keepMs }) => rule('source', keepMs, id)),
    ...[...consent.purposes.values()].flatMap(({ name, keepMs, traits = [] }) =>
      rule('purpose', keepMs, name, traits.toSorted().join('\n')),
    ),
    ...rule('people', retention.peopleMs),
    ...rule('people_without_purpose', retention.withoutPurposeMs),
    ...rule('quarantine', retention.quarantineMs),
    ...rule('dead_letters', retention.deadLettersMs),
  ];
}

function rule(
  kind: RuleKind,
  keepMs: number | undefined,
  of?: string,
  print = '',
): RetentionRule[] {
  if (keepMs === undefined) return [];
  return [{ name: of === undefined ? kind : `${kind}:${of}`, kind, keepMs, print }];
}

/** Does it speak of records in the log? */
export function isOfLog({ kind }: Pick<RetentionRule, 'kind'>): boolean {
  return kind === 'source' || kind === 'purpose';
}

const dayMs = 86_400_000;

/** Midnight in UTC: a day's data ages together, so that one run a day is enough. */
export function horizonOf({ keepMs }: RetentionRule, now: number): number {
  return Math.floor((now - keepMs) / dayMs) * dayMs;
}

/** The one of the day after. */
export function nextHorizon(horizon: number): number {
  return horizon + dayMs;
}
