// What a restore leaves open. The store is older than the world: people may have said no since, and
// destinations may hold what this ledger never heard of. So nothing is sent until somebody has looked, and
// nothing of what may be at a destination is believed. Settled instance by instance, so that a crash or a
// plugin that does not open leaves the rest for the next start.
import { isJsonObject, type Clock } from '@tributary/sdk';
import { appendAudit } from '../audit/append.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { statement, type Store } from '../store/store.ts';

/** Name of the row in `setting` that a restore writes. */
export const restoredSetting = 'restored';

export interface RestoreNote {
  /** Milliseconds since 1970: when the backup was taken. */
  readonly takenAt: number;
  /** Records of before this moment count as back-filled: what they cause was caused before. */
  readonly restoredAt: number;
  /** Destinations not settled yet; undefined before the first start. */
  readonly pending: readonly string[] | undefined;
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
}

export interface SettleRestoreOptions {
  readonly store: Store;
  /** Some of its destinations may not have opened. */
  readonly config: Pick<HubConfig, 'destinations'>;
  readonly delivery: RestoredDelivery;
  readonly clock: Clock;
}

/** Before anything is planned or sent. Does nothing where all is settled. */
export async function settleRestore(options: SettleRestoreOptions): Promise<void> {
  const { store, delivery } = options;
  const note = await readRestoreNote(store);
  if (note === undefined || note.pending?.length === 0) return;
  let pending = note.pending ?? enabledOf(options.config);
  if (note.pending === undefined) await noteBeginning(options, note, pending);
  for (const instance of pending.filter((id) => delivery.instances.has(id))) {
    await delivery.pause(instance, pauseMessage(note), 'hub', 'RESTORED');
    await delivery.reset(instance, 'hub');
    pending = pending.filter((id) => id !== instance);
    await store.query('background', writeNote, [textOf({ ...note, pending })]);
  }
}

function enabledOf({ destinations }: SettleRestoreOptions['config']): string[] {
  return [...destinations.values()].filter(({ enabled }) => enabled).map(({ id }) => id);
}

async function noteBeginning(
  { store, clock }: SettleRestoreOptions,
  note: RestoreNote,
  pending: readonly string[],
): Promise<void> {
  const details = { takenAt: isoOf(note.takenAt), restoredAt: isoOf(note.restoredAt) };
  await store.transaction('background', async (transaction) => {
    await transaction.query(writeNote, [textOf({ ...note, pending })]);
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
  const { takenAt, restoredAt, pending } = value;
  if (typeof takenAt !== 'string' || typeof restoredAt !== 'string') return undefined;
  return {
    takenAt: Date.parse(takenAt),
    restoredAt: Date.parse(restoredAt),
    pending: Array.isArray(pending) ? pending.filter((id) => typeof id === 'string') : undefined,
  };
}

/** As it lies in `setting`. */
export function textOf({ takenAt, restoredAt, pending }: RestoreNote): string {
  return JSON.stringify({ takenAt: isoOf(takenAt), restoredAt: isoOf(restoredAt), pending });
}

const isoOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
