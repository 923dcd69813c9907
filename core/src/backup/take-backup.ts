// Takes a backup while the hub runs. A server keeps a snapshot of its own. The embedded database has one
// connection and no second view of itself: its files are copied at one moment, which holds everybody for
// as long as the disk needs, and the archive is made from the copy at leisure.
import { rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { connectToStore } from '../store/connection.ts';
import { createCopyFolder } from '../store/embedded-files.ts';
import type { StoreSettings } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { writeBackup, type BackupProgress, type BackupSummary } from './write-backup.ts';

export interface TakeBackupOptions {
  readonly settings: StoreSettings;
  /** The hub's own, where it runs in this process. */
  readonly store?: Store | undefined;
  readonly target: Writable;
  readonly now: number;
  onProgress?(progress: BackupProgress): void;
}

export async function takeBackup(options: TakeBackupOptions): Promise<BackupSummary> {
  const { settings, store } = options;
  if (!('folder' in settings) || store?.copyTo === undefined) {
    return writeFrom(settings, options);
  }
  const folder = await createCopyFolder(settings.folder);
  try {
    await store.copyTo(folder);
    return await writeFrom({ folder }, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeFrom(
  settings: StoreSettings,
  { target, now, onProgress }: TakeBackupOptions,
): Promise<BackupSummary> {
  const connection = await connectToStore(settings);
  try {
    return await writeBackup({ connection, target, now, ...(onProgress && { onProgress }) });
  } finally {
    await connection.close();
  }
}
