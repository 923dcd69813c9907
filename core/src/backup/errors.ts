// What can be wrong with a backup: a closed list, compared by code.

export const backupErrorCodes = [
  'BACKUP_UNREADABLE',
  'BACKUP_DAMAGED',
  'BACKUP_NEWER',
  'BACKUP_KEY_WRONG',
  'BACKUP_PRESENT',
] as const;
export type BackupErrorCode = (typeof backupErrorCodes)[number];

export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: BackupErrorCode;

  constructor(code: BackupErrorCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.code = code;
  }
}
