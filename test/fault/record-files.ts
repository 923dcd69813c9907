// Loaded into the hub before all else (`node --import`): writes down everything that the embedded
// database does to its files, in order, so that a disk that lost power can be made from it. Only the
// thread of the database is listened to.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { FileOperation } from './power-cut.ts';

/** `FOLDER\nLOG`: whose files, and where to write. */
export const recordVariable = 'TRIBUTARY_RECORD_FILES';

const [folder, logFile] = (process.env[recordVariable] ?? '').split('\n');
if (!isMainThread && folder !== undefined && logFile !== undefined) record(folder, logFile);

function record(root: string, file: string): void {
  const { openSync, closeSync, writeSync, fsyncSync, ftruncateSync, truncateSync } = fs;
  const { mkdirSync, rmdirSync, renameSync, unlinkSync, writeFileSync, existsSync } = fs;
  const log = openSync(file, 'a');
  const open = new Map<number, string>();
  const inside = (path: unknown): string | undefined => {
    const whole = resolve(String(path));
    return whole.startsWith(root) ? whole.slice(root.length) || '/' : undefined;
  };
  const note = (operation: FileOperation): void =>
    void writeSync(log, `${JSON.stringify(operation)}\n`);
  const noteFor = (given: unknown, tell: (path: string) => FileOperation): void => {
    const path = typeof given === 'number' ? open.get(given) : inside(given);
    if (path !== undefined) note(tell(path));
  };

  Object.assign(fs, {
    openSync(path: string, flags: fs.OpenMode = 'r', mode?: fs.Mode): number {
      const fresh = !existsSync(path);
      const descriptor = openSync(path, flags, mode);
      const name = inside(path);
      if (name === undefined) return descriptor;
      open.set(descriptor, name);
      if (fresh) note({ kind: 'create', path: name });
      else if (empties(flags)) note({ kind: 'truncate', path: name, length: 0 });
      return descriptor;
    },
    closeSync(descriptor: number): void {
      open.delete(descriptor);
      closeSync(descriptor);
    },
    writeSync(descriptor: number, data: Uint8Array, offset = 0, length = 0, position = 0): number {
      const written = writeSync(descriptor, data, offset, length, position);
      noteFor(descriptor, (path) => {
        const bytes = Buffer.from(data.buffer, data.byteOffset + offset, written);
        return { kind: 'write', path, position, bytes: bytes.toString('base64') };
      });
      return written;
    },
    fsyncSync(descriptor: number): void {
      fsyncSync(descriptor);
      noteFor(descriptor, (path) => ({ kind: 'sync', path }));
    },
    ftruncateSync(descriptor: number, length = 0): void {
      ftruncateSync(descriptor, length);
      noteFor(descriptor, (path) => ({ kind: 'truncate', path, length }));
    },
    truncateSync(path: string, length = 0): void {
      truncateSync(path, length);
      noteFor(path, (name) => ({ kind: 'truncate', path: name, length }));
    },
    writeFileSync(path: string, data: string, options?: fs.WriteFileOptions): void {
      writeFileSync(path, data, options);
      noteFor(path, (name) => ({ kind: 'create', path: name }));
    },
    mkdirSync(path: string, options?: fs.Mode): void {
      mkdirSync(path, options);
      noteFor(path, (name) => ({ kind: 'mkdir', path: name }));
    },
    rmdirSync(path: string): void {
      rmdirSync(path);
      noteFor(path, (name) => ({ kind: 'remove', path: name }));
    },
    unlinkSync(path: string): void {
      unlinkSync(path);
      noteFor(path, (name) => ({ kind: 'remove', path: name }));
    },
    renameSync(from: string, to: string): void {
      renameSync(from, to);
      noteFor(from, (name) => ({ kind: 'rename', path: name, to: inside(to) ?? name }));
      for (const [descriptor, name] of open) {
        if (name === inside(from)) open.set(descriptor, inside(to) ?? name);
      }
    },
  });
  syncBuiltinESMExports();
}

function empties(flags: fs.OpenMode): boolean {
  return typeof flags === 'number' ? (flags & fs.constants.O_TRUNC) !== 0 : flags.startsWith('w');
}
