// A backup as a file: under its own name only once it is whole and on disk, for its owner alone, and
// never over an older one.
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BackupError } from './errors.ts';
import { takeBackup, type TakeBackupOptions } from './take-backup.ts';
import type { BackupSummary } from './write-backup.ts';

export interface BackupFile extends BackupSummary {
  readonly file: string;
  readonly bytes: number;
}

/** Throws BACKUP_PRESENT. */
export async function writeBackupFile(
  file: string,
  options: Omit<TakeBackupOptions, 'target'>,
): Promise<BackupFile> {
  if (existsSync(file)) {
    throw new BackupError(
      'BACKUP_PRESENT',
      `${file}: found a file, expected none: nothing is written over. Choose another name.`,
    );
  }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await removeParts(dirname(file), options.now);
  const part = join(dirname(file), `.${basename(file)}.part`);
  try {
    const target = createWriteStream(part, { mode: 0o600, flush: true });
    const summary = await takeBackup({ ...options, target });
    await rename(part, file);
    await syncFolder(dirname(file));
    const { size } = await stat(file);
    return { ...summary, file, bytes: size };
  } finally {
    await rm(part, { force: true });
  }
}

/** One that is written grows all the time. */
const deadAfterMs = 86_400_000;

/** A process that was killed leaves behind what it had written, under a name that no other takes up. */
async function removeParts(folder: string, now: number): Promise<void> {
  const parts = (await readdir(folder)).filter((name) => /^\.tributary-.*\.gz\.part$/.test(name));
  for (const part of parts.map((name) => join(folder, name))) {
    const found = await stat(part).catch(() => undefined);
    if (found !== undefined && now - found.mtimeMs > deadAfterMs) await rm(part, { force: true });
  }
}

/** `tributary-2026-01-31T02-30-00Z.gz`: sorts by time. */
export function nameOfBackup(now: number): string {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return `tributary-${time.replaceAll(':', '-')}.gz`;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
