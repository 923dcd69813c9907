// `tributary backup`, `backup check` and `restore`: all that a store holds, in one file.
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeBackupFile } from '../backup/backup-file.ts';
import { checkBackup, restoreBackup } from '../backup/restore-backup.ts';
import { takeBackup } from '../backup/take-backup.ts';
import type { BackupProgress, BackupSummary } from '../backup/write-backup.ts';
import type { HubConfig, StoreSettings } from '../config/hub-config.ts';
import { loadDeploymentKey } from '../standardise/deployment-key.ts';
import { createDeploymentKeys } from '../standardise/keys.ts';
import type { StoreSettings as OpenSettings } from '../store/open.ts';
import { configOption, jsonOption, tell, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { readConfig } from './read-config.ts';
import type { SafeTerminal } from './terminal.ts';

export const backupCommand: Command = {
  name: 'backup',
  summary: 'Writes all that the store holds into one file.',
  positionals: [],
  options: {
    config: configOption,
    to: { type: 'string', value: 'FILE', description: 'where to write it; - is standard output' },
    json: {
      type: 'boolean',
      description: 'print JSON, to standard error where the backup is on the other',
    },
  },
  required: ['config', 'to'],
  details:
    'One moment of the store, whichever it is; restore puts it into either. The file holds people: it is\nwritten for its owner alone, so encrypt it before it travels. The deployment key is not in it, and without\nthat key it is worth nothing: keep the key elsewhere. With PostgreSQL the hub may run; an embedded store is\nlocked by its hub, which takes the backup itself: `tributary backup take`.',
  examples: [
    'tributary backup --config config/demo.yaml --to backup-2026-01-31.gz',
    'tributary backup --config production.yaml --to - | age -r age1… > backup.gz.age',
  ],
  async run(input, terminal) {
    const { config } = await readConfig(input.text('config') ?? '', terminal);
    const file = input.text('to') ?? '';
    const options = {
      settings: openSettings(config.store),
      now: terminal.now(),
      onProgress: tellTables(terminal),
    };
    const summary =
      file === '-'
        ? await takeBackup({ ...options, target: process.stdout })
        : await writeBackupFile(file, options);
    const { header, ...counted } = summary;
    const answer = { takenAt: header.takenAt, ...counted };
    const words = input.flag('json') ? JSON.stringify(answer, undefined, 2) : described(summary);
    if (input.flag('json') && file !== '-') terminal.out(words);
    else terminal.err(words);
    return exitCodes.ok;
  },
};

export const backupCheckCommand: Command = {
  name: 'backup check',
  summary: 'Reads a backup through: is it whole, and as it was written?',
  positionals: ['FILE'],
  options: { json: jsonOption },
  details: 'Opens no store. A restore does the same before it makes anything.',
  examples: ['tributary backup check backup-2026-01-31.gz'],
  async run(input, terminal) {
    const { header, rows } = await checkBackup(createReadStream(input.positionals[0] ?? ''));
    const { takenAt, migrations } = header;
    const migration = migrations.at(-1);
    const words = `Whole: ${rows} rows, taken ${takenAt}, ${migration}.`;
    tell({ rows, takenAt, migration }, words, { input, terminal });
    return exitCodes.ok;
  },
};

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'Makes the store of a config from a backup.',
  positionals: [],
  options: {
    config: configOption,
    from: { type: 'string', value: 'FILE', description: 'what `tributary backup` wrote' },
    json: jsonOption,
  },
  required: ['config', 'from'],
  details:
    'Only where no store is yet: nothing is written over. It needs the deployment key of the backup. Every\ndestination is paused at the next start, because people may have said no since: let the sources send\nagain what they know, then resume.',
  examples: ['tributary restore --config config/demo.yaml --from backup-2026-01-31.gz'],
  async run(input, terminal) {
    const { config } = await readConfig(input.text('config') ?? '', terminal);
    const file = input.text('from') ?? '';
    const { header, rows } = await restoreBackup({
      open: () => createReadStream(file),
      store: openSettings(config.store),
      keyFingerprint: await readFingerprint(config),
      now: terminal.now(),
      onProgress: tellTables(terminal),
    });
    const { takenAt } = header;
    const words = `Restored ${rows} rows as they were at ${takenAt}.\nDestinations are paused at the next start, until you resume them.`;
    tell({ rows, takenAt }, words, { input, terminal });
    return exitCodes.ok;
  },
};

function openSettings(store: StoreSettings): OpenSettings {
  return store.kind === 'embedded'
    ? { folder: store.folder }
    : { url: store.url, schema: store.schema };
}

/** A new key would be made where there is none, and no backup was ever made with that one. */
async function readFingerprint({ store, deploymentKey }: HubConfig): Promise<string> {
  const folder = store.kind === 'embedded' ? store.folder : undefined;
  if (deploymentKey === undefined && folder !== undefined) {
    const file = join(folder, 'deployment.key');
    if (!existsSync(file)) {
      throw new Error(
        `DEPLOYMENT_KEY_MISSING: ${file}: found none, expected the key that the backup was made with. Copy it there, or give it as \`hub.key\`.`,
      );
    }
  }
  return createDeploymentKeys(await loadDeploymentKey(deploymentKey, folder)).fingerprint;
}

function described({ header, rows, tables, sha256 }: BackupSummary): string {
  return `${rows} rows of ${tables} tables as they were at ${header.takenAt}, sha256 of the content ${sha256}`;
}

/** One line a table: a store has thirty of them, one of which takes most of the time. */
function tellTables(terminal: SafeTerminal): (progress: BackupProgress) => void {
  let last = '';
  let told = 0;
  return ({ table, rows }) => {
    if (table === last && rows - told < 100_000) return;
    last = table;
    told = rows;
    terminal.err(`${table}: ${rows} rows so far`);
  };
}
