// A disk with a cache that is lost with the power, made from what a database did to its files. What was
// synced is there. Of what was not, a random part is: whole writes, torn ones, or none. A name whose
// folder was not synced may be missing, and its file with it.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../support/random.ts';

/** Paths begin with `/` and count from the database's folder. */
export type FileOperation =
  | { readonly kind: 'create' | 'mkdir' | 'remove'; readonly path: string }
  | { readonly kind: 'sync'; readonly path: string }
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly position: number;
      readonly bytes: string;
    }
  | { readonly kind: 'truncate'; readonly path: string; readonly length: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string };

type Content = Extract<FileOperation, { kind: 'write' | 'truncate' }>;

/** A file whatever it is called; `undefined` content: as in the base. */
interface File {
  readonly base: string | undefined;
  content: Buffer | undefined;
  readonly pending: Content[];
}

type Entry = File | 'folder';

interface NameChange {
  readonly path: string;
  /** undefined: the name is gone. */
  readonly entry: Entry | undefined;
}

interface Disk {
  /** As processes see it. */
  readonly live: Map<string, Entry>;
  /** As it is on the platter. */
  readonly kept: Map<string, Entry>;
  /** By folder, in order: a folder's names are kept in order or not at all. */
  readonly names: Map<string, NameChange[]>;
}

export interface CutReport {
  readonly synced: number;
  readonly kept: number;
  readonly torn: number;
  readonly dropped: number;
}

/** `worst`: nothing that was not synced is there. */
export type Luck = Random | 'worst';

const sector = 512;

/**
 * @param base the folder as it was, all of it synced, before the first operation
 * @param into made anew
 */
export function cutPower(
  base: string,
  into: string,
  operations: readonly FileOperation[],
  luck: Luck,
): CutReport {
  const entries = listEntries(base);
  const disk: Disk = { live: entries, kept: new Map(entries), names: new Map() };
  let synced = 0;
  for (const operation of operations) {
    if (operation.kind === 'sync') synced += sync(disk, operation.path);
    else hold(disk, operation);
  }
  const report = lose(disk, luck);
  rmSync(into, { recursive: true, force: true });
  cpSync(base, into, { recursive: true });
  writeOut(disk, listEntries(base), into);
  return { synced, ...report };
}

function listEntries(base: string): Map<string, Entry> {
  const entries = new Map<string, Entry>([['/', 'folder']]);
  for (const entry of readdirSync(base, { recursive: true, withFileTypes: true })) {
    const whole = join(entry.parentPath, entry.name);
    const file = { base: whole, content: undefined, pending: [] };
    entries.set(whole.slice(base.length), entry.isDirectory() ? 'folder' : file);
  }
  return entries;
}

function hold(disk: Disk, operation: Exclude<FileOperation, { kind: 'sync' }>): void {
  const { live } = disk;
  const { path } = operation;
  switch (operation.kind) {
    case 'write':
    case 'truncate': {
      const file = live.get(path);
      if (file !== undefined && file !== 'folder') file.pending.push(operation);
      return;
    }
    case 'create':
      return rename(disk, path, { base: undefined, content: Buffer.alloc(0), pending: [] });
    case 'mkdir':
      return rename(disk, path, 'folder');
    case 'remove':
      return rename(disk, path, undefined);
    case 'rename':
      rename(disk, operation.to, live.get(path));
      return rename(disk, path, undefined);
  }
}

function rename({ live, names }: Disk, path: string, entry: Entry | undefined): void {
  if (entry === undefined) live.delete(path);
  else live.set(path, entry);
  const folder = dirname(path);
  names.set(folder, [...(names.get(folder) ?? []), { path, entry }]);
}

/** A sync of a file keeps what is in it; a sync of a folder keeps its names. */
function sync({ live, kept, names }: Disk, path: string): number {
  const entry = live.get(path);
  if (entry === undefined) return 0;
  if (entry === 'folder') {
    const changes = names.get(path) ?? [];
    names.delete(path);
    for (const change of changes) keepName(kept, change);
    return changes.length;
  }
  const written = entry.pending.splice(0);
  for (const content of written) write(entry, content);
  return written.length;
}

function keepName(kept: Disk['kept'], { path, entry }: NameChange): void {
  if (entry === undefined) kept.delete(path);
  else kept.set(path, entry);
}

function write(file: File, content: Content): void {
  const before =
    file.content ?? (file.base === undefined ? Buffer.alloc(0) : readFileSync(file.base));
  if (content.kind === 'truncate') {
    const cut = Buffer.alloc(content.length);
    before.copy(cut, 0, 0, content.length);
    file.content = cut;
    return;
  }
  const bytes = Buffer.from(content.bytes, 'base64');
  const end = content.position + bytes.length;
  const after =
    end > before.length ? Buffer.concat([before, Buffer.alloc(end - before.length)]) : before;
  bytes.copy(after, content.position);
  file.content = after;
}

function lose({ kept, names, live }: Disk, luck: Luck): Omit<CutReport, 'synced'> {
  const report = { kept: 0, torn: 0, dropped: 0 };
  for (const changes of names.values()) {
    const count = luck === 'worst' ? 0 : luck.below(changes.length + 1);
    for (const change of changes.slice(0, count)) keepName(kept, change);
    report.kept += count;
    report.dropped += changes.length - count;
  }
  for (const file of new Set([...live.values(), ...kept.values()])) {
    if (file === 'folder') continue;
    for (const content of file.pending.splice(0)) {
      const fate = luck === 'worst' ? 'dropped' : draw(luck);
      report[fate] += 1;
      if (fate === 'kept') write(file, content);
      else if (fate === 'torn' && luck !== 'worst') write(file, tear(content, luck));
    }
  }
  return report;
}

function draw(luck: Random): 'kept' | 'torn' | 'dropped' {
  return (['kept', 'torn', 'dropped'] as const)[luck.below(3)] ?? 'dropped';
}

/** What reached the platter is a number of whole sectors from the front. */
function tear(content: Content, luck: Random): Content {
  if (content.kind === 'truncate') return content;
  const bytes = Buffer.from(content.bytes, 'base64');
  const sectors = luck.below(Math.ceil(bytes.length / sector) + 1);
  return { ...content, bytes: bytes.subarray(0, sectors * sector).toString('base64') };
}

function writeOut({ kept }: Disk, base: ReadonlyMap<string, Entry>, into: string): void {
  for (const path of base.keys()) {
    if (!kept.has(path)) rmSync(join(into, path), { recursive: true, force: true });
  }
  // A folder comes before what lies in it.
  for (const [path, entry] of [...kept].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const isReachable = path === '/' || kept.has(dirname(path));
    if (!isReachable) continue;
    if (entry === 'folder') mkdirSync(join(into, path), { recursive: true });
    else if (entry.content !== undefined) writeFileSync(join(into, path), entry.content);
    else if (entry.base !== undefined) cpSync(entry.base, join(into, path));
  }
}
