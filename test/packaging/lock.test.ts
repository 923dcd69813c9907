// The lock serves every platform. npm leaves out of it the optional packages of platforms it could
// not fetch when it was written, and `npm ci` then refuses it everywhere.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspaceRoot } from '../tools/workspace.ts';

interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}
interface LockEntry {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: Lock = JSON.parse(await readFile(join(workspaceRoot, 'package-lock.json'), 'utf8'));

test('every optional package of a platform is in the lock', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (name) =>
        !(
          `node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages
        ),
    ),
  );
  expect(missing).toEqual([]);
});

test('the lock names no registry', () => {
  const hosts = Object.values(lock.packages).flatMap(({ resolved }) =>
    resolved !== undefined && /^https?:/.test(resolved) ? [resolved] : [],
  );
  expect(hosts).toEqual([]);
});
