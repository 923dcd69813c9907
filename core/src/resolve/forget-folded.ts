// Takes out what was folded, before the log is folded anew: slice by slice, each in a transaction of its own,
// so that none takes longer the more there is. Half of it is harmless: whoever goes on begins anew. Rows are
// deleted and no table is cut off: a backup that is being taken still reads them, by the snapshot of its own.
import type { IdentitySettings } from '../identity/settings.ts';
import { statement, type Statement, type Store } from '../store/store.ts';
import type { Again } from './again.ts';

/** Interned ids stay: the delivery ledger refers to them. */
const folded = [
  'evidence',
  'evidence_spare',
  'retraction',
  'never_same',
  'login',
  'device_span',
  'contact',
  'fact',
  'subject_state',
  'profile',
  'consent_entry',
  'erasure',
] as const;

/** That an earlier form was erased is in no record of the log: its own row was the last to tell. */
const forgotten: Partial<Record<(typeof folded)[number], string>> = {
  erasure: 'AND now_hash IS NULL',
};

/** $1, $2: from this page of the table, up to this one. A page holds a bounded number of rows. */
const forgetPages = folded.map((table) => ({
  table,
  forget: statement(
    `resolve.forget_${table}`,
    `DELETE FROM ${table} WHERE ctid >= format('(%s,0)', $1::bigint)::tid
     AND ctid < format('(%s,0)', $2::bigint)::tid ${forgotten[table] ?? ''}`,
  ),
}));

const countPages = statement(
  'resolve.count_pages',
  `SELECT pg_relation_size(quote_ident($1)::regclass) / current_setting('block_size')::int AS pages`,
);

/** Before anything else: from then on nothing counts as resolved, and nobody writes what is being taken out. */
const resetCursor = statement(
  'resolve.reset_cursor',
  `UPDATE cursor SET position = 0 WHERE consumer = 'resolve'`,
);

/**
 * Each on its own again, as if just named, and of the kind that config gives it now; `last_at` stays, so that an
 * erasure on the way deletes none. $1, $2: after this id, at most so many; $3, $4: namespaces with their kind;
 * $5, $6: values that are shared.
 */
const resetIdentifiers = statement(
  'resolve.reset_identifiers',
  `WITH slice AS (
     SELECT * FROM identifier WHERE id > $1::bigint ORDER BY id LIMIT $2
   ), reset AS (
     UPDATE identifier i SET component = i.id, first_at = 'infinity', kind = k.kind,
       now_hash = NULL, profile_id = CASE WHEN k.kind <> 'contact' THEN i.latent_id END
     FROM (
       SELECT o.id, CASE WHEN s.value IS NULL THEN coalesce(n.kind, o.kind) ELSE 'contact' END AS kind
       FROM slice o
       LEFT JOIN unnest($3::text[], $4::text[]) AS n(namespace, kind) ON n.namespace = o.namespace
       LEFT JOIN unnest($5::text[], $6::text[]) AS s(namespace, value)
         ON s.namespace = o.namespace AND s.value = o.value
     ) AS k
     WHERE k.id = i.id
   )
   SELECT max(id) AS last FROM slice`,
);

interface SliceSize {
  readonly pages: number;
  readonly rows: number;
}

/** What changes in one transaction. */
export const sliceSizes: Readonly<Record<Store['kind'], SliceSize>> = {
  embedded: { pages: 16, rows: 500 },
  server: { pages: 64, rows: 5_000 },
};

export async function forgetFolded(
  store: Store,
  { namespaces }: IdentitySettings,
  again: Again,
): Promise<void> {
  await again(() => store.query('resolve', resetCursor));
  for (const { table, forget } of forgetPages) await forgetTable(store, table, forget, again);
  const spaces = [...namespaces.values()];
  const shared = spaces.flatMap((space) => [...space.shared].map((value) => [space.name, value]));
  await eachIdentifier(store, resetIdentifiers, again, [
    spaces.map(({ name }) => name),
    spaces.map(({ kind }) => kind),
    shared.map(([namespace]) => namespace),
    shared.map(([, value]) => value),
  ]);
}

async function forgetTable(
  store: Store,
  table: string,
  forget: Statement,
  again: Again,
): Promise<void> {
  const [size] = await again(() =>
    store.query<{ pages: number }>('background', countPages, [table]),
  );
  const pages = size?.pages ?? 0;
  const step = sliceSizes[store.kind].pages;
  for (let from = 0; from < pages; from += step) {
    await again(() => store.query('background', forget, [from, from + step]));
  }
}

/**
 * Runs a statement over all identifiers, so many at a time.
 * @param slice $1, $2: after this id, at most so many; answers `last`, the greatest id of the slice.
 */
export function eachIdentifier(
  store: Store,
  slice: Statement,
  again: Again,
  parameters: readonly unknown[] = [],
): Promise<void> {
  return eachSlice(store, again, async (after, most) => {
    const given = [after, most, ...parameters];
    const [row] = await store.query<{ last: number | null }>('background', slice, given);
    return row?.last ?? null;
  });
}

/** @param step over at most so many after an id; answers the greatest id of them, null when there are none. */
export async function eachSlice(
  store: Store,
  again: Again,
  step: (after: number, most: number) => Promise<number | null>,
): Promise<void> {
  const { rows } = sliceSizes[store.kind];
  for (let after: number | null = 0; after !== null;) {
    const from: number = after;
    after = await again(() => step(from, rows));
  }
}
