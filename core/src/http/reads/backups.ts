// Backups of the hub that runs.
import { join } from 'node:path';
import { appendAudit } from '../../audit/append.ts';
import { nameOfBackup, writeBackupFile } from '../../backup/backup-file.ts';
import type { BackupOperations } from '../hub-reads.ts';
import type { Rooms } from './rooms.ts';

export function createBackupOperations({ store, config, room }: Rooms): BackupOperations {
  return {
    async take(actor, progress) {
      if (config.backupFolder === undefined) return undefined;
      const at = room.now();
      const taken = await writeBackupFile(join(config.backupFolder, nameOfBackup(at)), {
        settings: config.store,
        store,
        now: at,
        onProgress: ({ rows }) => progress(rows),
      });
      const { file, bytes, rows, sha256 } = taken;
      await store.transaction('background', (transaction) =>
        appendAudit(transaction, [
          { kind: 'store.backed_up', at, actor, details: { rows, sha256 } },
        ]),
      );
      return { file, bytes, rows, takenAt: taken.header.takenAt };
    },
  };
}
