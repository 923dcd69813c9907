// A small disk of its own, to be filled up: a file system in memory where the machine lets one be
// mounted, else an ordinary folder that cannot be.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Disk {
  readonly folder: string;
  /** False: this machine lets nobody mount; then it is never full. */
  readonly canFill: boolean;
  /** Leaves so much free. */
  fill(leaveBytes: number): Promise<void>;
  empty(): Promise<void>;
  dispose(): Promise<void>;
}

export async function makeDisk(megabytes: number): Promise<Disk> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-disk-'));
  const size = `size=${megabytes}m,mode=755`;
  const canFill = await run('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder]).then(
    () => true,
    () => false,
  );
  // However this process ends, the machine gets its memory back.
  const orphan = (): void => void execFileSync('umount', ['--lazy', folder]);
  if (canFill) process.once('exit', orphan);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    canFill,
    async fill(leaveBytes) {
      if (!canFill) return;
      const { bavail, bsize } = await statfs(folder);
      const bytes = bavail * bsize - leaveBytes;
      // Whoever else writes meanwhile may have made it full already.
      if (bytes > 0) await writeFile(ballast, Buffer.alloc(bytes)).catch(() => undefined);
    },
    empty: () => rm(ballast, { force: true }),
    async dispose() {
      process.off('exit', orphan);
      if (canFill) await run('umount', ['--lazy', folder]).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
