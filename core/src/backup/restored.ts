// What a restore leaves open. The store is older than the world: people may have said no since, and
// destinations may hold what this ledger never heard of. So nothing is sent until somebody has looked, and
// nothing of what may be at a destination is believed. Settled instance by instance, each before it runs for
// the first time since: that may be long after, where its plugin did not open or config had left it out.
import { isJsonObject, type Clock } from '@tributary/sdk';
import { appendAudit } from '../audit/append.ts';
import { statement, type Store } from '../store/store.ts';

/** Name of the row in `setting` that a restore writes. */
export const restoredSetting = 'restored';

export interface RestoreNote {
  /** Milliseconds since 1970: when the backup was taken. */
  readonly takenAt: number;
  /** Records of before this moment count as back-filled: what they cause was caused before. */
  readonly restoredAt: number;
  /** Destinations that are settled; undefined before the first start. */
  readonly settled: readonly string[] | undefined;
}

const selectNote = statement(
  'backup.select_restore_note',
  `SELECT value FROM setting WHERE name = '${restoredSetting}'`,
);

const writeNote = statement(
  'backup.write_restore_note',
  `UPDATE setting SET value = $1::jsonb WHERE name = '${restoredSetting}'`,
);

/** Undefined where the store never came from a backup. */
export async function readRestoreNote(store: Store): Promise<RestoreNote | undefined> {
  const [row] = await store.query<{ value: unknown }>('background', selectNote);
  return row && parseNote(row.value);
}

export interface RestoredDelivery {
  /** Those that run. */
  readonly instances: ReadonlyMap<string, unknown>;
  pause(instance: string, message: string, by: string, code: string): Promise<void>;
  reset(instance: string, by: string): Promise<unknown>;
  doubt(instance: string): Promise<void>;
}

export interface SettleRestoreOptions {
  readonly store: Store;
  readonly delivery: RestoredDelivery;
  readonly clock: Clock;
}

/** Before anything is planned or sent. Does nothing where all that run are settled. */
export async function settleRestore(options: SettleRestoreOptions): Promise<void> {
  const { store, delivery } = options;
  const note = await readRestoreNote(store);
  if (note === undefined) return;
  let settled = note.settled ?? [];
  if (note.settled === undefined) await noteBeginning(options, note);
  for (const instance of delivery.instances.keys()) {
    if (settled.includes(instance)) continue;
    await delivery.pause(instance, pauseMessage(note), 'hub', 'RESTORED');
    await delivery.reset(instance, 'hub');
    await delivery.doubt(instance);
    settled = [...settled, instance];
    await store.query('background', writeNote, [textOf({ ...note, settled })]);
  }
}

async function noteBeginning(
  { store, clock }: SettleRestoreOptions,
  note: RestoreNote,
): Promise<void> {
  const details = { takenAt: isoOf(note.takenAt), restoredAt: isoOf(note.restoredAt) };
  await store.transaction('background', async (transaction) => {
    await transaction.query(writeNote, [textOf({ ...note, settled: [] })]);
    await appendAudit(transaction, [
      { kind: 'store.restored', at: clock.now(), actor: 'hub', details },
    ]);
  });
}

function pauseMessage(note: RestoreNote): string {
  return `the store was restored from a backup of ${isoOf(note.takenAt)}: let the sources send again what they know since then, withdrawals above all, then resume`;
}

function parseNote(value: unknown): RestoreNote | undefined {
  if (!isJsonObject(value)) return undefined;
  const { takenAt, restoredAt, settled } = value;
  if (typeof takenAt !== 'string' || typeof restoredAt !== 'string') return undefined;
  return {
    takenAt: Date.parse(takenAt),
    restoredAt: Date.parse(restoredAt),
    settled: Array.isArray(settled) ? settled.filter((id) => typeof id === 'string') : undefined,
  };
}

/** As it lies in `setting`. */
export function textOf({ takenAt, restoredAt, settled }: RestoreNote): string {
  return JSON.stringify({ takenAt: isoOf(takenAt), restoredAt: isoOf(restoredAt), settled });
}

const isoOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
