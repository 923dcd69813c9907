// What may lie in the folder of an embedded store, and must not keep it from being opened.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { createCopyFolder, prepareEmbeddedFiles } from './embedded-files.ts';

const mounted = vi.hoisted(() => new Set<string>());
vi.mock('node:fs', async (original) => {
  const files = await original<typeof import('node:fs')>();
  return {
    ...files,
    rmSync(path: string, options: object) {
      if (mounted.has(path)) throw new Error(`EBUSY: resource busy or locked, rmdir '${path}'`);
      files.rmSync(path, options);
    },
  };
});

const folder = mkdtempSync(join(tmpdir(), 'tributary-files-'));
afterEach(() => {
  mounted.clear();
  rmSync(folder, { recursive: true });
});

test('a copy that a backup left and that cannot be removed is told of, and the store opens', async () => {
  const copy = await createCopyFolder(folder);
  mounted.add(copy);
  const told: unknown[] = [];
  const logger = { warn: (message: string, details?: object) => told.push(message, details) };
  const files = prepareEmbeddedFiles(folder, logger);
  files.completeOpening();
  expect(files.database).toBe(join(folder, 'database'));
  expect(told).toEqual([
    'a copy that a backup left behind could not be removed',
    { reason: expect.stringContaining('EBUSY') as unknown },
  ]);
});
