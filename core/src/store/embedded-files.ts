// The folder of an embedded store: `database/` holds PostgreSQL's files, `lock` and `owner.json`
// say who has it open. A first opening that was cut short leaves a mark and starts again, because
// nothing can have been acknowledged before it was over.
import {
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PluginLogger } from '@tributary/sdk';
import { syncFolder } from './durable-files.ts';

export interface EmbeddedFiles {
  readonly database: string;
  /** Call when the database has opened: from now on what is there is kept. */
  completeOpening(): void;
}

/** The folder must be locked. */
export function prepareEmbeddedFiles(
  folder: string,
  logger?: Pick<PluginLogger, 'warn'>,
): EmbeddedFiles {
  removeCopies(folder, logger);
  const database = join(folder, 'database');
  const unfinished = join(folder, 'database-unfinished');
  if (existsSync(unfinished)) rmSync(database, { recursive: true, force: true });
  const isNew = !existsSync(database);
  if (isNew) {
    closeSync(openSync(unfinished, 'w'));
    syncFolder(folder);
    mkdirSync(database, { mode: 0o700 });
  }
  // PostgreSQL does not sync it. After a power cut it may be there and empty, and then nothing starts;
  // whether anybody else runs on the folder is told by our own lock.
  rmSync(join(database, 'postmaster.pid'), { force: true });
  return {
    database,
    completeOpening() {
      if (!isNew) return;
      syncTree(database);
      syncFolder(folder);
      rmSync(unfinished);
      syncFolder(folder);
      syncFolder(dirname(folder));
    },
  };
}

/** Where to copy the database to, for a backup; as personal as the store itself, and not to be kept. */
export function createCopyFolder(folder: string): Promise<string> {
  return mkdtemp(join(folder, copyPrefix));
}

/** A name that nobody gives to a folder of theirs: they may keep copies of a store beside it. */
const copyPrefix = '.copy-for-backup-';

/** A process that was killed during a backup leaves its copy behind. Whoever has the lock is the only one to make any. */
function removeCopies(folder: string, logger: Pick<PluginLogger, 'warn'> | undefined): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || !entry.name.startsWith(copyPrefix)) continue;
    try {
      rmSync(join(folder, entry.name), { recursive: true, force: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      logger?.warn('a copy that a backup left behind could not be removed', { reason });
    }
  }
}

/** PGlite copies a fresh database into place without syncing it. Once, at the first opening. */
function syncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else if (entry.isFile()) syncFile(path);
  }
  syncFolder(folder);
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
