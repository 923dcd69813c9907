// `npm run upgrade-fixture -- FOLDER`: keeps the store of a hub that was stopped, as one more old version
// that every later one must open. FOLDER holds `hub.yaml` and the store that it names.
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { takeBackup } from '../../core/src/backup/take-backup.ts';
import { verifyAudit } from '../../core/src/audit/verify.ts';
import { openStore } from '../../core/src/store/open.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { describeStore } from './describe-store.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Say which folder holds hub.yaml and data/.');

const settings = { folder: join(folder, 'data') };
const store = await openStore(settings);
const description = await describeStore(store);
const audit = await verifyAudit(store);
await store.close();
if (!audit.intact) throw new Error(audit.fault.message);

const part = join(folder, 'store.gz');
const { header } = await takeBackup({
  settings,
  target: createWriteStream(part),
  now: Date.now(),
});
const name = header.migrations.at(-1) ?? '';
const target = join(workspaceRoot, 'test/upgrade/fixtures', name);
await mkdir(target, { recursive: true });
await copyFile(part, join(target, 'store.gz'));
await copyFile(join(folder, 'hub.yaml'), join(target, 'hub.yaml'));
const expected = { ...description, auditHash: audit.hash };
await writeFile(join(target, 'expected.json'), `${JSON.stringify(expected, undefined, 2)}\n`);
console.log(`${target}: ${description.figures['events']} events`);
