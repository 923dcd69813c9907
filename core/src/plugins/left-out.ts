// Which instances a start leaves out: those whose code held the hub's thread until the process had to be
// ended, unless it is other code by now or somebody lets them run again.
import { isoTime, type Store } from '../store/store.ts';
import { readHangNote, removeHangNote, type HangNote } from './hang-note.ts';
import { deleteHangs, selectHangs, upsertHang } from './plans.ts';
import type { PluginProblem } from './plugin-problem.ts';

export interface LeftOutOptions {
  /** Of an embedded database: where the watchdog leaves its note. */
  readonly folder: string | undefined;
  /** Instances that may run again. */
  readonly release: readonly string[];
  /** Instance → what its code is known by now. */
  readonly prints: Readonly<Record<string, string>>;
}

interface HangRow extends Omit<HangNote, 'at'> {
  readonly at: number;
}

export async function readLeftOut(
  store: Store,
  { folder, release, prints }: LeftOutOptions,
): Promise<ReadonlyMap<string, PluginProblem>> {
  await takeNote(store, folder);
  const rows = await store.query<HangRow>('background', selectHangs);
  const isOver = ({ instance, print }: HangRow): boolean =>
    release.includes(instance) || prints[instance] === undefined || prints[instance] !== print;
  const over = rows.filter(isOver).map(({ instance }) => instance);
  if (over.length > 0) await store.query('background', deleteHangs, [over]);
  const kept = rows.filter((row) => !isOver(row));
  return new Map(kept.map((row) => [row.instance, problemOf(row)]));
}

/** Left out on purpose: the hub is ready without it. */
export function isLeftOut(problem: unknown): boolean {
  const code: unknown =
    typeof problem === 'object' && problem !== null ? Reflect.get(problem, 'code') : undefined;
  return code === 'PLUGIN_QUARANTINED';
}

/** The file goes only when the row is durable. */
async function takeNote(store: Store, folder: string | undefined): Promise<void> {
  const note = folder === undefined ? undefined : readHangNote(folder);
  if (folder === undefined || note === undefined) return;
  const { instance, at, place, print } = note;
  const time = isoTime(Date.parse(at));
  await store.query('background', upsertHang, [instance, time, place, print]);
  removeHangNote(folder);
}

function problemOf({ instance, at, place }: HangRow): PluginProblem {
  const where = place === '' ? '' : ` in ${place}`;
  return {
    code: 'PLUGIN_QUARANTINED',
    message: `found that its code held the hub's thread${where} at ${new Date(at).toISOString()}, expected it to let go`,
    hint: `It is left out until its code has changed, or it is let run again: tributary start --release ${instance}`,
  };
}
