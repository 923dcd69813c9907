// Every command, in the order in which help lists them: what works on this machine, then what a running
// hub is asked for. The latter are made from the table of the API's operations.
import { operations } from '../http/operations-table.ts';
import { applyCommand } from './apply-command.ts';
import { auditVerifyCommand } from './audit-command.ts';
import { backupCheckCommand, backupCommand, restoreCommand } from './backup-commands.ts';
import { checkCommand } from './check-command.ts';
import type { Command } from './command.ts';
import { completionCommand } from './completion-command.ts';
import { eitherWay } from './hub/either-way.ts';
import { commandsOf } from './hub/operation-command.ts';
import { keysCreateCommand, keysListCommand, keysRevokeCommand } from './keys-commands.ts';
import { pluginDevCommand } from './plugin-dev-command.ts';
import { pluginNewCommand } from './plugin-new-command.ts';
import { pluginTestCommand } from './plugin-test-command.ts';
import { planCommand } from './plan-command.ts';
import { pluginsCommand } from './plugins-command.ts';
import { rebuildCommand } from './rebuild-command.ts';
import { rekeyCommand } from './rekey-command.ts';
import { schemaCommand } from './schema-command.ts';
import { setupCommand } from './setup-command.ts';
import { sourcePreviewCommand } from './source-preview-command.ts';
import { startCommand } from './start-command.ts';

const local: readonly Command[] = [
  startCommand,
  checkCommand,
  setupCommand,
  rekeyCommand,
  backupCommand,
  backupCheckCommand,
  restoreCommand,
  schemaCommand,
  pluginsCommand,
  sourcePreviewCommand,
  pluginNewCommand,
  pluginTestCommand,
  pluginDevCommand,
  completionCommand(() => commands),
];

/** What a stopped hub's store is asked directly. */
const stopped: ReadonlyMap<string, Command> = new Map(
  [rebuildCommand, auditVerifyCommand, keysCreateCommand, keysListCommand, keysRevokeCommand].map(
    (command) => [command.name, command],
  ),
);

export const commands: readonly Command[] = [
  ...local,
  planCommand,
  applyCommand,
  ...commandsOf(operations).map((command) => {
    const offline = stopped.get(command.name);
    return offline ? eitherWay(command, offline) : command;
  }),
];
