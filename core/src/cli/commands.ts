// Every command, in the order in which help lists them.
import { auditVerifyCommand } from './audit-command.ts';
import { checkCommand } from './check-command.ts';
import type { Command } from './command.ts';
import { keysCreateCommand, keysListCommand, keysRevokeCommand } from './keys-commands.ts';
import { rebuildCommand } from './rebuild-command.ts';
import { schemaCommand } from './schema-command.ts';
import { setupCommand } from './setup-command.ts';
import { startCommand } from './start-command.ts';

export const commands: readonly Command[] = [
  startCommand,
  checkCommand,
  setupCommand,
  rebuildCommand,
  schemaCommand,
  auditVerifyCommand,
  keysCreateCommand,
  keysListCommand,
  keysRevokeCommand,
];
