// People and profiles are a function of the log and of config as it is. When the part of config that
// resolve went by has changed, or the code that standardises, what was folded by the old rules is folded
// again by the new ones, so that a changed rule holds for everybody and not for newcomers alone.
import { createHash } from 'node:crypto';
import { isJsonObject } from '@tributary/sdk';
import { canonicalConfig } from '../config/canonical-config.ts';
import { hasHeardFrom } from '../intake/heard-from.ts';
import { standardiseVersion, type StandardiseSettings } from '../standardise/standardise.ts';
import { statement, type Queryable, type Store } from '../store/store.ts';

const selectRules = statement(
  'resolve.select_rules',
  `SELECT (SELECT value #>> '{}' FROM setting WHERE name = 'folded_by') AS rules,
     (SELECT position FROM cursor WHERE consumer = 'resolve') AS resolved`,
);

const writeRules = statement(
  'resolve.write_rules',
  `INSERT INTO setting (name, value) VALUES ('folded_by', to_jsonb($1::text))
   ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
);

/** While a rebuild is under way: whoever starts next begins it anew. */
export const beingRebuilt = 'being rebuilt';

/**
 * True when what is folded was folded by other rules, or by half a rebuild. What config says of a source counts
 * for those alone whose records are in the log: one that is new, or that never sent anything, changes nobody.
 */
export async function rulesChanged(store: Store, settings: StandardiseSettings): Promise<boolean> {
  const [row] = await store.query<{ rules: string | null; resolved: number }>(
    'resolve',
    selectRules,
  );
  const rules = row?.rules ?? undefined;
  if (rules === undefined) return (row?.resolved ?? 0) > 0;
  const [before, now] = [readRules(rules), foldingRules(settings)];
  if (before?.everybody !== now.everybody) return true;
  const ids = new Set([...Object.keys(before.sources), ...Object.keys(now.sources)]);
  const changed = [...ids].filter((id) => before.sources[id] !== now.sources[id]);
  return changed.length > 0 && hasHeardFrom(store, changed);
}

/** Of those known before, who has other rules now, or none. One that is new was never heard from. */
export function sourcesChanged(before: StandardiseSettings, now: StandardiseSettings): string[] {
  const [known, next] = [foldingRules(before).sources, foldingRules(now).sources];
  return Object.keys(known).filter((id) => known[id] !== next[id]);
}

/**
 * While a loop that goes by the rules before may still hear one of these sources for the first time: of them it
 * says what that loop folds by, so that whoever asks after a crash is told that their rules have changed.
 */
export function rulesDuring(
  before: StandardiseSettings,
  now: StandardiseSettings,
  changed: readonly string[],
): string {
  const [known, next] = [foldingRules(before).sources, foldingRules(now)];
  const earlier = changed.flatMap((id) => {
    const rules = known[id];
    return rules === undefined ? [] : [[id, rules] as const];
  });
  return JSON.stringify({ ...next, sources: { ...next.sources, ...Object.fromEntries(earlier) } });
}

/** True while people are being made anew, also where nobody goes on with it yet. */
export async function areBeingMadeAnew(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ rules: string | null }>(selectRules);
  return row?.rules === beingRebuilt;
}

export async function keepRules(store: Store, rules: string): Promise<void> {
  await store.query('resolve', writeRules, [rules]);
}

/** Everything that identity, traits and consent are folded by. Audiences notice their own changes. */
export function rulesOf(settings: StandardiseSettings): string {
  return JSON.stringify(foldingRules(settings));
}

interface FoldingRules {
  /** A hash of what all records are folded by. */
  readonly everybody: string;
  /** Source → a hash of what its records are folded by. */
  readonly sources: Readonly<Record<string, string>>;
}

function foldingRules(settings: StandardiseSettings): FoldingRules {
  const { identity, profile, consent, sources } = settings;
  const limits = [...consent.purposes.values()].flatMap(({ name, keepMs }) =>
    keepMs === undefined ? [] : [[name, keepMs]],
  );
  const needed = [...(profile.needed ?? [])].filter((name) => !profile.traits.has(name)).sort();
  const everybody = {
    version: standardiseVersion,
    namespaces: identity.namespaces,
    traits: profile.traits,
    gpcDenies: consent.gpcDenies,
    // Left out where there are none: what older versions folded stands.
    ...(limits.length > 0 && { limits }),
    ...(needed.length > 0 && { needed }),
  };
  const each = [...sources.values()].map(
    (source) => [source.id, hashOf([source.trust, source.consent])] as const,
  );
  return { everybody: hashOf(everybody), sources: Object.fromEntries(each) };
}

/** For the audit log. */
export function hashOfRules(settings: StandardiseSettings): string {
  return hashOf(foldingRules(settings));
}

function hashOf(rules: object): string {
  return createHash('sha256').update(canonicalConfig(rules)).digest('hex');
}

/** undefined: half a rebuild, or rules in the form of a version before. */
function readRules(text: string): FoldingRules | undefined {
  const rules: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
  return isRules(rules) ? rules : undefined;
}

function isRules(value: unknown): value is FoldingRules {
  return isJsonObject(value) && isJsonObject(value['sources']);
}
