// The books: what was planned and what became of it. Counters move in the transaction that moves
// the rows, so that at every moment planned = delivered + filtered + rejected + superseded
// + in doubt + pending.
import type { Queryable, Transaction } from '../store/store.ts';
import { addToBooks, selectBooks } from './plans.ts';

export type BookKind = 'audience' | 'profile' | 'event' | 'action';

export type BookColumn = 'planned' | 'delivered' | 'filtered' | 'rejected' | 'superseded';

export type BookEntry = { readonly [column in BookColumn]?: number };

export interface Book {
  readonly list: string;
  readonly kind: BookKind;
  readonly planned: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly rejected: number;
  readonly superseded: number;
  readonly inDoubt: number;
  readonly pending: number;
}

/** Collects what one transaction changes, to be written by one statement at its end. */
export interface BookKeeper {
  note(list: string, kind: BookKind, entry: BookEntry): void;
  write(transaction: Transaction): Promise<void>;
}

const columns = ['planned', 'delivered', 'filtered', 'rejected', 'superseded'] as const;

interface Sum {
  readonly list: string;
  readonly kind: BookKind;
  readonly counts: Record<BookColumn, number>;
}

export function createBookKeeper(instance: string): BookKeeper {
  const sums = new Map<string, Sum>();
  return {
    note(list, kind, entry) {
      const key = JSON.stringify([kind, list]);
      const sum = sums.get(key) ?? {
        list,
        kind,
        counts: { planned: 0, delivered: 0, filtered: 0, rejected: 0, superseded: 0 },
      };
      for (const column of columns) sum.counts[column] += entry[column] ?? 0;
      sums.set(key, sum);
    },
    async write(transaction) {
      // In one order for all, so that two writers never wait for each other.
      const all = [...sums.entries()]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, sum]) => sum);
      if (all.length === 0) return;
      await transaction.query(addToBooks, [
        instance,
        all.map((sum) => sum.list),
        all.map((sum) => sum.kind),
        ...columns.map((column) => all.map((sum) => sum.counts[column])),
      ]);
    },
  };
}

/** The books of one instance as they stand. */
export async function readBooks(queryable: Queryable, instance: string): Promise<Book[]> {
  return queryable.query<{ -readonly [field in keyof Book]: Book[field] }>(selectBooks, [instance]);
}
