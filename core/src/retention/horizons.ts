// From when on data counts no more, as it is carried out: what resolve goes by, and a rebuild with it.
import type { Horizons } from '../standardise/aged-record.ts';
import type { Queryable } from '../store/store.ts';
import { selectHorizons } from './plans.ts';

/** Where something is folded: in its transaction, with resolve's cursor locked. */
export async function readHorizons(queryable: Queryable): Promise<Horizons> {
  const rows = await queryable.query<{ rule: string; before: number }>(selectHorizons);
  const of = (kind: string): Map<string, number> =>
    new Map(
      rows.flatMap(({ rule, before }) =>
        rule.startsWith(kind) ? [[rule.slice(kind.length), before] as const] : [],
      ),
    );
  return { sources: of('source:'), purposes: of('purpose:') };
}
