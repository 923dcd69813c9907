// People and profiles are a function of the log and of config as it is. When the part of config that
// resolve went by has changed, or the code that standardises, what was folded by the old rules is folded
// again by the new ones, so that a changed rule holds for everybody and not for newcomers alone.
import { createHash } from 'node:crypto';
import { canonicalConfig } from '../config/canonical-config.ts';
import { standardiseVersion, type StandardiseSettings } from '../standardise/standardise.ts';
import { statement, type Store } from '../store/store.ts';

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

/** True when what is folded was folded by other rules, or by half a rebuild. */
export async function rulesChanged(store: Store, settings: StandardiseSettings): Promise<boolean> {
  const [row] = await store.query<{ rules: string | null; resolved: number }>(
    'resolve',
    selectRules,
  );
  const rules = row?.rules ?? undefined;
  return rules === undefined ? (row?.resolved ?? 0) > 0 : rules !== rulesOf(settings);
}

export async function keepRules(store: Store, rules: string): Promise<void> {
  await store.query('resolve', writeRules, [rules]);
}

/** Of everything that identity, traits and consent are folded by. Audiences notice their own changes. */
export function rulesOf({ identity, profile, consent, sources }: StandardiseSettings): string {
  const folded = {
    version: standardiseVersion,
    namespaces: identity.namespaces,
    traits: profile.traits,
    gpcDenies: consent.gpcDenies,
    sources: [...sources.values()].map((source) => [source.id, source.trust, source.consent]),
  };
  return createHash('sha256').update(canonicalConfig(folded)).digest('hex');
}
