// The words in which this plugin hands a vendor's job to the hub: what was asked, of which list, under
// which id, since when. A later question starts from these words alone.

export const jobKinds = ['add', 'upsert', 'remove', 'absent', 'delete'] as const;
/**
 * - `add`, `upsert`: a PUT of contacts, with or without a list
 * - `remove`: taking contacts off a list
 * - `absent`: nothing was there to take off the list, to delete or to empty; looked at once more
 * - `delete`: deleting contacts
 */
export type JobKind = (typeof jobKinds)[number];

export interface Job {
  readonly kind: JobKind;
  /** Empty where no list is involved. */
  readonly listId: string;
  /** The vendor's id; empty where the vendor gave none. */
  readonly id: string;
  readonly startedAt: number;
}

export function writeJob({ kind, listId, id, startedAt }: Job): string {
  return [kind, listId, id, String(startedAt)].map(encodeURIComponent).join('/');
}

export function readJob(text: string): Job | undefined {
  const [kind, listId, id, startedAt] = text.split('/').map(decodeURIComponent);
  const known = jobKinds.find((candidate) => candidate === kind);
  if (known === undefined || listId === undefined || id === undefined) return undefined;
  return { kind: known, listId, id, startedAt: Number(startedAt) };
}
