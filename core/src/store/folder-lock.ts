// One process at a time on an embedded store's folder: PGlite itself would let two of them write
// it. The lock is the operating system's, taken through SQLite, the only thing in Node that locks a
// file: it ends with the process however that dies, and holds between containers that share a
// volume, where process ids say nothing. `owner.json` is only for the error's text.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from './errors.ts';

export interface FolderLock {
  release(): void;
}

/**
 * Throws STORE_LOCKED, naming the owner, where the folder is open already, in this process or
 * another. Nobody else may open and close the file `lock` in this process: that drops the lock.
 */
export function lockFolder(folder: string): FolderLock {
  const ownerFile = join(folder, 'owner.json');
  const database = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw lockedError(folder, describeOwner(ownerFile), error);
  }
  writeFileSync(ownerFile, ownerText());
  return { release: () => database.close() };
}

function ownerText(): string {
  const started = new Date(performance.timeOrigin).toISOString();
  return `${JSON.stringify({ pid: process.pid, started })}\n`;
}

function describeOwner(ownerFile: string): string {
  try {
    const owner: unknown = JSON.parse(readFileSync(ownerFile, 'utf8'));
    if (typeof owner !== 'object' || owner === null) return 'a process';
    const pid: unknown = Reflect.get(owner, 'pid');
    const started: unknown = Reflect.get(owner, 'started');
    return `process ${String(pid)} (started ${String(started)})`;
  } catch {
    return 'a process that is just starting';
  }
}

function lockedError(folder: string, owner: string, cause: unknown): StoreError {
  if (!isBusy(cause)) {
    return new StoreError(
      'STORE_UNAVAILABLE',
      `folder ${folder}: its lock cannot be taken, expected a local file system that the hub may write. Check its permissions and kind.`,
      { cause },
    );
  }
  return new StoreError(
    'STORE_LOCKED',
    `folder ${folder}: it is open in ${owner}, expected nobody to have it open. Stop that process, or give this one a folder of its own.`,
  );
}

/** SQLite's result code SQLITE_BUSY. */
function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && Reflect.get(error, 'errcode') === 5;
}
