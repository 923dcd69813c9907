// Files that are there in full or not at all, and that survive a power cut once they are.
import { randomUUID } from 'node:crypto';
import { link, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Puts the file in place unless there is one already. @returns whether it did. */
export async function createFileOnce(
  path: string,
  text: string | Uint8Array,
  mode: number,
): Promise<boolean> {
  const temporary = await writeTemporary(path, text, mode);
  try {
    await link(temporary, path);
    await syncFolder(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
}

async function writeTemporary(
  path: string,
  text: string | Uint8Array,
  mode: number,
): Promise<string> {
  const temporary = `${path}.${randomUUID()}.part`;
  const file = await open(temporary, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
